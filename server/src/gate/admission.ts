import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Ledger } from '@vedette/certs/ledger'
import type { Clock, Timer } from '@vedette/shared/clock'
import { IdentityFault } from '@vedette/shared/errors'
import type { Role } from '@vedette/shared/identity'
import { type Peer, peerOf } from '@vedette/shared/tls'
import type { Guest } from './entrance.ts'

/** From the first packet to a hello; a slower peer is cut off, milliseconds. */
export const HANDSHAKE_MS = 5000

/**
 * Cuts off whoever connects and does not become somebody in time. Node's own handshake timeout
 * only says so and leaves the socket open.
 */
export class Doorman {
  readonly #clock: Clock
  readonly #onLate: (address: string) => void
  readonly #waiting = new Map<string, { timer: Timer; guest: Guest }>()

  constructor(clock: Clock, onLate: (address: string) => void) {
    this.#clock = clock
    this.#onLate = onLate
  }

  /** A TCP connection was let in. */
  arrived(socket: Socket, guest: Guest): void {
    const key = addressOf(socket)
    const timer = this.#clock.after(HANDSHAKE_MS, () => {
      this.#waiting.delete(key)
      this.#onLate(key)
      socket.destroy()
    })
    this.#waiting.set(key, { timer, guest })
    socket.once('close', () => {
      timer.cancel()
      this.#waiting.delete(key)
      guest.leave()
    })
  }

  /** The peer at the other end has said who it is. */
  admitted(socket: Socket): void {
    const key = addressOf(socket)
    const waiting = this.#waiting.get(key)
    this.#waiting.delete(key)
    waiting?.timer.cancel()
    waiting?.guest.welcome()
  }
}

/** Remembers the far end of a socket: Node forgets it when the socket closes. */
const addresses = new WeakMap<Socket, string>()

export function addressOf(socket: Socket): string {
  const known = addresses.get(socket)
  if (known !== undefined) return known
  const address = `${socket.remoteAddress ?? 'gone'}:${socket.remotePort ?? 0}`
  addresses.set(socket, address)
  return address
}

/** Where it stands which certificates were issued here, and which of them count. */
export type Register = Pick<Ledger, 'find'>

/**
 * Who holds the certificate that TLS has verified, if this deployment issued it and has not taken
 * it back. Throws IdentityFault.
 */
export async function admit(socket: TLSSocket, role: Role, ledger: Register): Promise<Peer> {
  const peer = peerOf(socket.getPeerX509Certificate(), role)
  const entry = await ledger.find(peer.serial)
  if (entry === undefined) {
    throw new IdentityFault('identity.unknown', `serial ${peer.serial} was not issued here`)
  }
  if (entry.revocation !== undefined) {
    throw new IdentityFault('identity.revoked', `serial ${peer.serial} is revoked`)
  }
  return peer
}
