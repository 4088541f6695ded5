import type { CameraStatus } from '../cameras/known.ts'
import type { Why } from '../cameras/state.ts'
import type { OpenPeriod, Period, PeriodStore } from '../store/past/periods.ts'
import type { CameraId } from './policy.ts'

export type WatchLogOptions = {
  store: PeriodStore
  /** Every camera, as it is now. */
  cameras: () => readonly CameraStatus[]
  /** Whether walks past it are kept now. */
  keeps: (place: CameraId) => boolean
}

/** Says that nobody knows whether the last test face would have come through. */
const DOUBTED: readonly Why[] = ['missed', 'no-canary']
/** Agents say since when it was so. */
const TROUBLED: readonly Why[] = ['blind', 'troubled']

/** Writes down what was to be said of each camera, and from when to when. */
export class WatchLog {
  readonly #options: WatchLogOptions
  readonly #open = new Map<string, OpenPeriod>()
  #last: Promise<void> = Promise.resolve()

  constructor(options: WatchLogOptions) {
    this.#options = options
  }

  /** Writes what has changed until `now`, and that somebody was there to see. */
  beat(now: number): Promise<void> {
    const mine = this.#last.then(() => this.#beat(now))
    this.#last = mine.catch(() => {})
    return mine
  }

  async #beat(now: number): Promise<void> {
    const { store, cameras, keeps } = this.#options
    const over: OpenPeriod[] = []
    const begun: Period[] = []
    const all = cameras()
    for (const camera of all) {
      const open = this.#open.get(keyOf(camera))
      const kept = keeps(camera)
      if (open?.why === camera.why && open.kept === kept) continue
      const since = open === undefined || open.why === camera.why ? now : sinceOf(camera, now)
      const begin = Math.min(now, Math.max(open?.begin ?? 0, since))
      if (open !== undefined) over.push({ ...open, end: begin })
      const { agent, camera: name, why } = camera
      begun.push({ agent, camera: name, why, kept, begin, end: now })
    }
    const here = new Set(all.map(keyOf))
    for (const [key, open] of this.#open) if (!here.has(key)) over.push({ ...open, end: now })
    const opened = await store.change(over, begun)
    for (const period of over) this.#open.delete(keyOf(period))
    for (const period of opened) this.#open.set(keyOf(period), period)
    await store.beat(now)
  }
}

/** Since when it is so, as far as anybody knows: in doubt it was so the longer. */
function sinceOf({ why, passedAt, troubles }: CameraStatus, now: number): number {
  if (DOUBTED.includes(why) && passedAt !== null) return passedAt
  if (TROUBLED.includes(why)) return Math.min(now, ...troubles.map(({ since }) => since))
  return now
}

function keyOf({ agent, camera }: CameraId): string {
  return `${agent}/${camera}`
}
