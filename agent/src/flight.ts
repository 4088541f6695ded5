import { Bell } from '@vedette/shared/bell'

/** Messages in flight at most: sent and not acknowledged. */
const WINDOW = 32

/** What is sent and not acknowledged on one connection. */
export class Flight {
  readonly #open = new Set<number>()
  readonly #change = new Bell()
  #landed = false

  /** Resolves when one more may be sent. */
  async room(): Promise<void> {
    while (this.#open.size >= WINDOW && !this.#landed) await this.#change.wait()
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
    this.#change.ring()
    return ours
  }

  /** The connection is over: nobody waits for room any more. */
  land(): void {
    this.#landed = true
    this.#change.ring()
  }
}
