import { FAR_SIDE } from '@vedette/models/models'
import type { Clock } from '@vedette/shared/clock'
import type { Embedding } from '@vedette/shared/embedding'
import { codeOf, Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Galleries } from '../gallery/galleries.ts'
import type { Photos } from '../gallery/photos.ts'
import type { Probe } from '../probe.ts'
import type { Outcome, SpaceStore } from '../store/spaces.ts'

/** Questions that are compared in a minute, at most. */
const MOST_PER_MINUTE = 60
/** More wait on the photo thread than this: enrolling goes first. */
const MOST_BACKLOG = 4

type Place = { agent: string; camera: string; list: string }

export type ComparisonOptions = {
  spaces: SpaceStore
  galleries: Galleries
  photos: Photos
  /** The score that an entry of a list must reach at a camera. */
  bar: (space: string, place: Place) => number | undefined
  clock: Clock
  log: Log
}

/**
 * Tries candidates on what cameras ask: the chip of a question is embedded again, and what comes of it
 * in the candidate's space is counted. Nothing else of it is kept, and no alert comes of it.
 */
export class Comparison {
  readonly #options: ComparisonOptions
  #candidates: string[] = []
  #minute = 0
  #taken = 0
  #last = Promise.resolve()

  constructor(options: ComparisonOptions) {
    this.#options = options
  }

  /** Reads anew which spaces are candidates. */
  async refresh(): Promise<void> {
    const all = await this.#options.spaces.all()
    this.#candidates = all.filter(({ role }) => role === 'candidate').map(({ id }) => id)
  }

  /** Compares a question of the active space, if there is time and a candidate. */
  offer(probe: Probe): void {
    const { galleries, clock } = this.#options
    if (this.#candidates.length === 0 || probe.space !== galleries.active.space) return
    const minute = Math.floor(clock.now() / 60_000)
    if (minute !== this.#minute) [this.#minute, this.#taken] = [minute, 0]
    if (this.#taken >= MOST_PER_MINUTE || this.#options.photos.backlog > MOST_BACKLOG) return
    this.#taken++
    this.#last = Promise.all([this.#last, this.#compare(probe)]).then(() => {})
  }

  /** Resolves when what was taken is compared. */
  async settled(): Promise<void> {
    await this.#last
  }

  async #compare(probe: Probe): Promise<void> {
    const { spaces, log } = this.#options
    try {
      const old = await this.#named(probe.space, probe, probe.probe)
      for (const space of this.#candidates)
        await spaces.count(space, await this.#try(space, probe, old))
    } catch (error) {
      log.warn({ code: codeOf(error) }, 'comparison.failed')
    }
  }

  async #try(space: string, probe: Probe, old: string | undefined): Promise<Outcome> {
    let embedding: Embedding
    try {
      embedding = await this.#options.photos.probe(probe.chip, space)
    } catch (error) {
      if (error instanceof Refusal) return 'unseen'
      throw error
    }
    return outcomeOf(old, await this.#named(space, probe, embedding))
  }

  /** The entry that `embedding` alone would be taken for at the camera of `probe`, if for any. */
  async #named(
    space: string,
    { agent, camera, box }: Probe,
    embedding: Embedding,
  ): Promise<string | undefined> {
    const { galleries, bar } = this.#options
    const far = Math.max(box[2], box[3]) < FAR_SIDE
    const [best] = (await galleries.of(space)?.search(embedding, { far })) ?? []
    if (best === undefined) return undefined
    const needed = bar(space, { agent, camera, list: best.list })
    return needed !== undefined && best.score >= needed ? best.entryId : undefined
  }
}

export function outcomeOf(old: string | undefined, found: string | undefined): Outcome {
  if (old === undefined) return found === undefined ? 'neither' : 'onlyNew'
  if (found === undefined) return 'onlyOld'
  return old === found ? 'same' : 'different'
}
