import { EventEmitter, once } from 'node:events'
import type { Clock, Timer } from '@vedette/shared/clock'

type Alarm = { due: number; ring: () => void }

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number
  readonly #alarms = new Set<Alarm>()
  readonly #sleeps: number[] = []
  readonly #news = new EventEmitter()

  constructor(now = 1_763_650_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const timer = this.after(ms, () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      })
      const stop = () => {
        timer.cancel()
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', stop, { once: true })
      this.#sleeps.push(ms)
      this.#news.emit('sleep')
    })
  }

  after(ms: number, fn: () => void): Timer {
    const alarm = { due: this.#now + ms, ring: fn }
    this.#alarms.add(alarm)
    return { cancel: () => this.#alarms.delete(alarm) }
  }

  /** How long each timer that runs still has, soonest first. */
  get pending(): number[] {
    return [...this.#alarms].map(({ due }) => due - this.#now).sort((p, q) => p - q)
  }

  /** The length of the next sleep that was not asked about yet, waiting for it to begin. */
  async sleeping(): Promise<number> {
    if (this.#sleeps.length === 0) await once(this.#news, 'sleep')
    return this.#sleeps.shift()!
  }

  /** Lets the next sleep pass and says how long it was. */
  async pass(): Promise<number> {
    const ms = await this.sleeping()
    this.advance(ms)
    return ms
  }

  /** Sets the time as a person sets a clock: no timer rings for it. */
  jump(to: number): void {
    const by = to - this.#now
    this.#now = to
    for (const alarm of this.#alarms) alarm.due += by
  }

  /** Rings nothing that was asked for, as if whoever asked had died. */
  forget(): void {
    this.#alarms.clear()
  }

  /** Moves time on by `ms`, ringing every alarm that becomes due at its own moment. */
  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const [first] = [...this.#alarms].sort((p, q) => p.due - q.due)
      if (first === undefined || first.due > until) break
      this.#alarms.delete(first)
      this.#now = Math.max(this.#now, first.due)
      first.ring()
    }
    this.#now = until
  }
}
