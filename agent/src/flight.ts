import { Bell } from '@vedette/shared/bell'

/** Questions in flight at most: sent and not acknowledged. */
const WINDOW = 32

/** What is sent and not acknowledged on one connection. */
export class Flight {
  readonly #ids = new Map<number, number>()
  readonly #change = new Bell()
  #seq = 0
  #landed = false

  /** Resolves when one more may be sent. */
  async room(): Promise<void> {
    while (this.#ids.size >= WINDOW && !this.#landed) await this.#change.wait()
  }

  /** Resolves when everything that was sent is acknowledged, or nobody waits for that any more. */
  async settled(): Promise<void> {
    while (this.#ids.size > 0 && !this.#landed) await this.#change.wait()
  }

  /** Outbox item `id` is sent: gives the number to send it under. */
  send(id: number): number {
    this.#ids.set(++this.#seq, id)
    return this.#seq
  }

  /** Number `seq` is acknowledged: gives the outbox item, undefined when it is none of ours. */
  settle(seq: number): number | undefined {
    const id = this.#ids.get(seq)
    this.#ids.delete(seq)
    this.#change.ring()
    return id
  }

  /** The connection is over: nobody waits for room any more. */
  land(): void {
    this.#landed = true
    this.#change.ring()
  }
}
