import { Bell } from '@vedette/shared/bell'

/** Messages in flight at most: sent and not acknowledged. */
const WINDOW = 32

/**
 * What is sent and not acknowledged on one connection. The window halves when the server holds back
 * and widens by one for each window that it takes.
 * Source: D.-M. Chiu, R. Jain, "Analysis of the Increase and Decrease Algorithms for Congestion
 * Avoidance in Computer Networks", 1989.
 */
export class Flight {
  readonly #open = new Set<number>()
  readonly #change = new Bell()
  #window = WINDOW
  #landed = false

  /** Resolves when one more may be sent. */
  async room(): Promise<void> {
    while (this.#open.size >= Math.floor(this.#window) && !this.#landed) await this.#change.wait()
  }

  /** Resolves when everything that was sent is acknowledged, or nobody waits for that any more. */
  async settled(): Promise<void> {
    while (this.#open.size > 0 && !this.#landed) await this.#change.wait()
  }

  /** Number `seq` is sent. */
  send(seq: number): void {
    this.#open.add(seq)
  }

  /** Number `seq` is acknowledged; false when it is none of ours. */
  settle(seq: number): boolean {
    const ours = this.#open.delete(seq)
    if (ours) this.#window = Math.min(WINDOW, this.#window + 1 / this.#window)
    this.#change.ring()
    return ours
  }

  /** Number `seq` was sent back; false when it is none of ours. */
  sentBack(seq: number): boolean {
    const ours = this.#open.delete(seq)
    this.#change.ring()
    return ours
  }

  /** Fewer are in flight from now on. */
  narrow(): void {
    this.#window = Math.max(1, this.#window / 2)
  }

  /** The connection is over: nobody waits for room any more. */
  land(): void {
    this.#landed = true
    this.#change.ring()
  }
}
