import type { Clock } from '../clock.ts'
import { codeOf, messageOf, Unavailable } from '../errors.ts'

/** Something that is done now and then to see whether it can still be done; throws where not. */
export type SelfTest = { name: string; run: () => Promise<void> }

export type WatchdogOptions = {
  /** Milliseconds between two looks. */
  every: number
  /** A self-test that takes longer has failed, milliseconds. */
  patience: number
  /** The event loop may have stood still for this long since the last look, milliseconds. */
  mostDelay: number
  /** The longest that it stood still since this was asked last, milliseconds. */
  delay: () => number
  tests: readonly SelfTest[]
  clock: Clock
  onWell: () => Promise<void>
  /** `test` is the name of the first self-test that failed, or `loop`. */
  onIll: (test: string, code: string, message: string) => Promise<void>
}

/** Looks whether the process is well, and says so only then. */
export class Watchdog {
  readonly #options: WatchdogOptions
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  constructor(options: WatchdogOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { clock, every } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#look()
      await clock.sleep(every, signal).catch(() => {})
    }
  }

  async #look(): Promise<void> {
    const { delay, mostDelay, tests, onWell, onIll } = this.#options
    const stood = delay()
    if (stood > mostDelay) {
      return onIll('loop', 'loop.delayed', `the event loop stood still for ${Math.round(stood)} ms`)
    }
    for (const test of tests) {
      try {
        await this.#inTime(test)
      } catch (error) {
        if (this.#stop.signal.aborted) return
        return onIll(test.name, codeOf(error), messageOf(error))
      }
    }
    await onWell()
  }

  async #inTime({ name, run }: SelfTest): Promise<void> {
    const { clock, patience } = this.#options
    const over = new AbortController()
    const signal = AbortSignal.any([over.signal, this.#stop.signal])
    const late = clock.sleep(patience, signal).then(() => {
      throw new Unavailable('service.ill', `${name} did not end within ${patience} ms`)
    })
    try {
      await Promise.race([run(), late])
    } finally {
      over.abort()
      late.catch(() => {})
    }
  }
}
