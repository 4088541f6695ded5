import type { Frame, Source } from '@vedette/agent/frame'

/** One opening of a fake source: what it yields, and how it ends. */
export type Opening = (signal: AbortSignal) => AsyncGenerator<Frame, void, undefined>

/** A source that plays one opening after the other, the last of them for ever. */
export class FakeSource implements Source {
  readonly patient: boolean
  readonly finite: boolean
  readonly #openings: readonly Opening[]
  opened = 0
  closed = 0

  constructor(openings: readonly Opening[], { patient = false, finite = false } = {}) {
    this.#openings = openings
    this.patient = patient
    this.finite = finite
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, undefined> {
    const opening = this.#openings[Math.min(this.opened++, this.#openings.length - 1)]!
    try {
      yield* opening(signal)
    } finally {
      this.closed++
    }
  }
}

/** Waits for the signal, as a source does from which nothing comes. */
export function silence(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Lets everything that is ready to run do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
