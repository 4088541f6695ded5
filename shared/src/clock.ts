import { setTimeout as wait } from 'node:timers/promises'

/** Time as an argument, so that no test sleeps. All values are milliseconds. */
export type Clock = {
  /** Wall-clock time, epoch milliseconds. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `fn` once after `ms` unless cancelled. Does not keep the process alive. */
  after(ms: number, fn: () => void): Timer
}

export type Timer = { cancel(): void }

export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
  after(ms, fn) {
    const timer = setTimeout(fn, ms).unref()
    return { cancel: () => clearTimeout(timer) }
  },
}
