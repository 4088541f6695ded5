import type { Calibration, EmbedderRow } from '@vedette/models/manifest'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { readModels } from '@vedette/models/registry'
import type { Clock } from '@vedette/shared/clock'
import { IntegrityFault, Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { ServerConfig } from '../config.ts'
import { type Calibrated, Galleries } from '../gallery/galleries.ts'
import { Gallery } from '../gallery/gallery.ts'
import type { SpaceRecord } from '../store/spaces.ts'
import type { Store } from '../store/store.ts'

/** An embedder whose similarities are worth something. */
export type CalibratedRow = EmbedderRow & { calibration: Calibration }

/** Finds embedders that may be used to match, and opens the galleries of their spaces. */
export class SpaceOpener {
  readonly #config: Pick<ServerConfig, 'models' | 'match' | 'search'>
  readonly #store: Pick<Store, 'templates'>
  readonly #clock: Pick<Clock, 'now'>
  readonly #onSearch: ((seconds: number) => void) | undefined

  /** `onSearch` is told how long each search in a gallery took, seconds. */
  constructor(
    config: Pick<ServerConfig, 'models' | 'match' | 'search'>,
    store: Pick<Store, 'templates'>,
    clock: Pick<Clock, 'now'>,
    onSearch?: (seconds: number) => void,
  ) {
    this.#config = config
    this.#store = store
    this.#clock = clock
    this.#onSearch = onSearch
  }

  /** The embedder `id`, under `match`. Throws Refusal `model.not-found`, `model.uncalibrated`. */
  async find(id: string, match = this.#config.match): Promise<CalibratedRow> {
    const rows = await readModels(this.#config.models.folder)
    const row = rows.find((one): one is EmbedderRow => one.task === 'embed' && one.id === id)
    if (row === undefined) {
      throw new Refusal('model.not-found', `no embedder ${id}`, {
        hint: 'see: vedette models list',
        params: { model: id },
      })
    }
    const { calibration } = row
    if (calibration === undefined) {
      throw new Refusal('model.uncalibrated', `how alike strangers are to ${id} is not known`, {
        hint: `measure it: vedette models calibrate ${id} --images FOLDER`,
        params: { model: id },
      })
    }
    const floor = floorOf(id, match) ?? calibration.floor
    return { ...row, calibration: { ...calibration, floor } }
  }

  /** The gallery of all who may be found now by the model of `row`. */
  async open({ id, length, calibration }: CalibratedRow): Promise<Calibrated> {
    const { threads } = this.#config.search
    const searching = { length, threads, onSearch: this.#onSearch }
    const templates = await this.#store.templates(id, this.#clock.now())
    return { gallery: await Gallery.open(id, searching, templates), calibration }
  }

  /**
   * The galleries of all `spaces`, the active one first. Throws IntegrityFault `model.unknown` where
   * the active one's model cannot be used; without another's that is passed over.
   */
  async openAll(spaces: readonly SpaceRecord[], log: Log): Promise<Galleries> {
    const [active, ...others] = spaces
    const row = await this.find(active!.id).catch((error) => {
      if (!(error instanceof Refusal)) throw error
      throw new IntegrityFault('model.unknown', `the list is matched by it: ${error.message}`, {
        cause: error,
        hint: `bring it back (vedette models install, or models add) to ${this.#config.models.folder}`,
      })
    })
    const galleries = new Galleries(await this.open(row))
    for (const { id, role } of others) {
      try {
        galleries.add(await this.open(await this.find(id)))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        log.warn({ space: id, role, code: error.code }, 'space.unavailable')
      }
    }
    return galleries
  }
}

function floorOf(id: string, { floor }: ServerConfig['match']): number | undefined {
  if (typeof floor !== 'number') return floor?.[id]
  return id === DEFAULT_MODELS.embedder ? floor : undefined
}
