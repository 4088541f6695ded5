import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import { hourOf, type Usage, type UsageStore } from '../store/usage.ts'
import { Tally } from '../tally.ts'

type Camera = { agent: string; camera: string }

/** Counts what cameras do, for whoever must account for it. */
export class UsageLog {
  readonly #tally: Tally<Usage>
  readonly #clock: Clock

  constructor(store: UsageStore, clock: Clock, log: Log) {
    this.#clock = clock
    this.#tally = new Tally({
      of: 'usage',
      keyOf: ({ hour, agent, camera }) => [hour, agent, camera].join('/'),
      merge: (one, other) => ({
        ...one,
        searches: one.searches + other.searches,
        walks: one.walks + other.walks,
        watchedMs: one.watchedMs + other.watchedMs,
      }),
      write: (rows) => store.add(rows, clock.now()),
      clock,
      log,
    })
  }

  /** One question was searched for. */
  searched(camera: Camera): void {
    this.#count(camera, { searches: 1 })
  }

  /** One walk is over. */
  walked(camera: Camera): void {
    this.#count(camera, { walks: 1 })
  }

  /** The agents of these were here for so long. */
  watched(cameras: readonly Camera[], milliseconds: number): void {
    for (const camera of cameras) this.#count(camera, { watchedMs: milliseconds })
  }

  flush(): Promise<void> {
    return this.#tally.flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tally[Symbol.asyncDispose]()
  }

  #count({ agent, camera }: Camera, counts: Partial<Usage>): void {
    const hour = hourOf(this.#clock.now())
    this.#tally.add({ hour, agent, camera, searches: 0, walks: 0, watchedMs: 0, ...counts })
  }
}
