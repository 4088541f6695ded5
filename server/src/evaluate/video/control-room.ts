import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findModel, readManifest } from '@vedette/models/manifest'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { Refusal } from '@vedette/shared/errors'
import { silentLog } from '@vedette/shared/log'
import { Alerts } from '../../alerts/alerts.ts'
import type { ServerConfig } from '../../config.ts'
import { Enrolment } from '../../gallery/enrolment.ts'
import { Galleries } from '../../gallery/galleries.ts'
import { Gallery } from '../../gallery/gallery.ts'
import { Photos } from '../../gallery/photos.ts'
import { SERVER_HAND } from '../../hand.ts'
import { Matching } from '../../matching/matching.ts'
import { Rejections } from '../../matching/rejections.ts'
import { Strictness } from '../../matching/strictness.ts'
import type { Alert, AlertChange } from '../../store/alerts.ts'
import { NOTHING_SAID } from '../../store/entry-rows.ts'
import { Store } from '../../store/store.ts'
import { Vault } from '../../store/vault.ts'
import { verdictOf } from '../../thresholds/budget.ts'
import { decade } from '../../thresholds/published.ts'
import type { Photo } from './cast.ts'
import type { Replayed } from './replayed.ts'
import { SceneClock } from './scene-clock.ts'

const AGENT = 'replay'
const LIST = 'wanted'
/** Between two clips: nothing of one bears on the next, milliseconds. */
const PAUSE_MS = 24 * 3600 * 1000
const START = Date.UTC(2020, 0, 1)

/** How alerts are decided; a `threshold` that is given is the same for every list. */
export type Deciding = Omit<ServerConfig['match'], 'floor'> & { threshold?: number; floor?: number }

/** Something that happened to an alert while a clip was shown, seconds from the clip's start. */
export type Event = {
  kind: AlertChange['kind']
  seconds: number
  alert: Pick<Alert, 'id' | 'entryId' | 'rival' | 'certainty' | 'score' | 'threshold'>
}

/**
 * A server without its doors, in a folder of its own that goes with it: real enrolment, gallery,
 * matching and alerts, in the time of the scene.
 */
export class ControlRoom {
  readonly space: string
  readonly length: number
  readonly #clock: SceneClock
  readonly #enrolment: Enrolment
  readonly #matching: Matching
  readonly #alerts: Alerts
  readonly #names = new Map<string, string>()
  readonly #close: () => Promise<void>
  #shown = 0

  static async open(deciding: Deciding): Promise<ControlRoom> {
    const folder = await mkdtemp(join(tmpdir(), 'vedette-video-'))
    const opened: AsyncDisposable[] = []
    const own = <T extends AsyncDisposable>(part: T): T => {
      opened.unshift(part)
      return part
    }
    const close = async () => {
      for (const part of opened) await part[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    }
    try {
      return new ControlRoom(await parts(folder, deciding, own), close)
    } catch (error) {
      await close()
      throw error
    }
  }

  private constructor(
    { model, clock, enrolment, matching, alerts }: Awaited<ReturnType<typeof parts>>,
    close: () => Promise<void>,
  ) {
    this.space = model.id
    this.length = model.length
    this.#clock = clock
    this.#enrolment = enrolment
    this.#matching = matching
    this.#alerts = alerts
    this.#close = close
  }

  /** Throws Refusal `photo.*`. */
  async enrol(name: string, photos: readonly Photo[]): Promise<void> {
    const read = photos.map(async ({ file, face }) => {
      const bytes = await readFile(file).catch((cause) => {
        throw new Refusal('photo.unreadable', `cannot read ${file}: ${cause.message}`, { cause })
      })
      return { file, bytes, face }
    })
    const about = { ...NOTHING_SAID, name, list: LIST, hand: SERVER_HAND }
    const request = { ...about, photos: await Promise.all(read), anyway: true }
    const { entry } = await this.#enrolment.enrol(request)
    this.#names.set(entry!.id, name)
  }

  /** Who an entry is. */
  nameOf(entryId: string): string {
    return this.#names.get(entryId) ?? entryId
  }

  /** Asks everything that was asked about a clip, as one camera's questions. */
  async show({ clip, seconds, questions }: Replayed): Promise<Event[]> {
    this.#clock.advance(this.#clock.now() + PAUSE_MS)
    const start = this.#clock.now()
    const events: Event[] = []
    const camera = `${++this.#shown}: ${clip}`
    const enough = this.#alerts.listen(({ kind, alert }) => {
      events.push({ kind, alert, seconds: (this.#clock.now() - start) / 1000 })
    })
    for (const { seconds: at, camera: _file, track, ...question } of questions) {
      const capturedAt = start + Math.round(at * 1000)
      this.#clock.advance(capturedAt)
      const walk = { agent: AGENT, camera, track: `${camera}/${track}` }
      await this.#matching.consider({ ...question, ...walk, capturedAt, receivedAt: capturedAt })
    }
    this.#clock.advance(start + seconds * 1000)
    enough()
    return events
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#matching.stop()
    await this.#close()
  }
}

/** No camera is known before it is shown. */
const NOBODY_ASKED = { added: async () => [] }

async function parts(
  folder: string,
  { threshold: fixed, cooldown, trail, ...given }: Deciding,
  own: <T extends AsyncDisposable>(part: T) => T,
) {
  const place = { file: join(folder, 'wanted.db'), keyFile: join(folder, 'vault.key') }
  await Vault.create(place.keyFile)
  const [clock, log] = [new SceneClock(START), silentLog]
  const store = own(await Store.open(place))
  const model = findModel(await readManifest(), 'embed', DEFAULT_MODELS.embedder)
  const gallery = own(await Gallery.open(model.id, { length: model.length, threads: 1 }, []))
  const photos = own(new Photos({}))
  const alerts = new Alerts({ store: store.alerts, cooldown, trail, clock, log })
  const galleries = new Galleries({ gallery, calibration: model.calibration })
  const onEnrolled = () => {}
  const calibration = model.calibration.points
  const terms = { ...given, floor: given.floor ?? model.calibration.floor }
  const verdict = () => {
    const usual = verdictOf({ ...terms, entries: gallery.entries, calibration, tail: undefined })
    return fixed === undefined ? usual : { ...usual, threshold: fixed }
  }
  const strictness = await Strictness.open(store.entries)
  const usual = {
    ...NOBODY_ASKED,
    get usual() {
      return verdict().threshold
    },
  }
  const about = { entries: store.entries, photos, galleries, strictness, onEnrolled, clock, log }
  const enrolment = new Enrolment({ ...about, thresholds: () => usual })
  const matching = new Matching({
    gallery,
    alerts,
    strictness,
    rejections: await Rejections.open(store.rejections),
    lists: { applies: () => true },
    thresholds: { for: verdict, walk: () => {} },
    decade: decade(calibration),
    clock,
    onOver: () => {},
    onNearMiss: () => {},
  })
  return { model, clock, enrolment, matching, alerts }
}
