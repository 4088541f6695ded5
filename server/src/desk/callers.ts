import type { TLSSocket } from 'node:tls'
import type { Clock } from '@vedette/shared/clock'
import type { Peer } from '@vedette/shared/tls'
import type { Register } from '../gate/admission.ts'
import { Expiry, type Held } from '../gate/expiry.ts'

/**
 * The connections of operators, each with the certificate that opened it: what was asked for once
 * may go on for days, and ends when the certificate does.
 */
export class Callers {
  readonly #register: Register
  readonly #expiry: Expiry
  readonly #sockets = new Map<TLSSocket, Peer>()

  constructor(register: Register, clock: Clock) {
    this.#register = register
    this.#expiry = new Expiry(clock)
  }

  /** An operator has asked for something over `socket`. */
  note(socket: TLSSocket, peer: Peer): void {
    if (this.#sockets.has(socket) || socket.destroyed) return
    this.#sockets.set(socket, peer)
    const held: Held = { notAfter: peer.notAfter, expire: () => socket.destroy() }
    this.#expiry.add(held)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#expiry.remove(held)
    })
  }

  /** Ends every connection of operator `name`, and what is still answered over it. */
  hangUp(name: string): void {
    for (const [socket, { identity }] of [...this.#sockets]) {
      if (identity.name === name) socket.destroy()
    }
  }

  /** Hangs up on whose certificate does not count any more. */
  async recheck(): Promise<void> {
    for (const [socket, { serial }] of [...this.#sockets]) {
      const entry = await this.#register.find(serial)
      const good = entry !== undefined && entry.revocation === undefined
      if (!good) socket.destroy()
    }
  }
}
