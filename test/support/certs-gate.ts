import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  type ConnectionOptions,
  connect,
  createServer,
  type Server,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls'
import type { Ledger } from '@vedette/certs/ledger'
import { codeOf, IdentityFault } from '@vedette/shared/errors'
import type { Role } from '@vedette/shared/identity'
import {
  acceptOptions,
  type Credentials,
  dialOptions,
  type Peer,
  peerOf,
} from '@vedette/shared/tls'

export type Verdict = { peer: Peer; version: string | null; resumed: boolean } | { refused: string }

/**
 * The least server that admits agents as a real one must: TLS, then the identity, then the ledger,
 * and not a byte is read before. It greets who is admitted with one byte.
 */
export class SmallGate {
  /** Bytes of application data that were handed to the application. */
  bytesProcessed = 0
  readonly #server: Server
  readonly #ledger: Pick<Ledger, 'find'>
  readonly #role: Role
  readonly #verdicts: Verdict[] = []
  readonly #judged = new EventEmitter()

  private constructor(options: TlsOptions, ledger: Pick<Ledger, 'find'>, role: Role) {
    this.#ledger = ledger
    this.#role = role
    this.#server = createServer(options)
    this.#server.on('secureConnection', (socket) => this.#admit(socket))
    this.#server.on('tlsClientError', (error, socket) => {
      this.#judge({ refused: String(socket.authorizationError ?? codeOf(error)) })
      socket.destroy()
    })
  }

  static async start(
    credentials: Credentials,
    ledger: Pick<Ledger, 'find'>,
    role: Role,
    overrides: TlsOptions = {},
  ): Promise<SmallGate> {
    const gate = new SmallGate({ ...acceptOptions(credentials), ...overrides }, ledger, role)
    gate.#server.listen(0, '127.0.0.1')
    await once(gate.#server, 'listening')
    return gate
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** What was decided about the connection that came first and was not asked about yet. */
  async verdict(): Promise<Verdict> {
    if (this.#verdicts.length === 0) await once(this.#judged, 'verdict')
    return this.#verdicts.shift()!
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #admit(socket: TLSSocket): Promise<void> {
    socket.on('error', () => {})
    try {
      const peer = peerOf(socket.getPeerX509Certificate(), this.#role)
      const entry = await this.#ledger.find(peer.serial)
      if (entry === undefined) throw new IdentityFault('identity.unknown', 'not in the ledger')
      if (entry.revocation) throw new IdentityFault('identity.revoked', entry.revocation.reason)
      this.#judge({ peer, version: socket.getProtocol(), resumed: socket.isSessionReused() })
      socket.on('data', (chunk: Buffer) => {
        this.bytesProcessed += chunk.length
        socket.end('!')
      })
    } catch (error) {
      this.#judge({ refused: codeOf(error) })
      socket.destroy()
    }
  }

  #judge(verdict: Verdict): void {
    this.#verdicts.push(verdict)
    this.#judged.emit('verdict')
  }
}

/** What came of dialling: the bytes the server sent, and the sessions it gave for resuming. */
export type Talk = { received: Buffer; sessions: Buffer[] }

/** Dials a server, sends 1 KiB as soon as TLS lets it, and waits until the connection is closed. */
export async function talk(
  port: number,
  credentials: Credentials,
  overrides: ConnectionOptions = {},
): Promise<Talk> {
  const options = dialOptions(credentials, { role: 'server' })
  const socket = connect({ ...options, ...overrides, host: '127.0.0.1', port })
  const chunks: Buffer[] = []
  const sessions: Buffer[] = []
  socket.on('error', () => {})
  socket.on('session', (session: Buffer) => sessions.push(session))
  socket.on('secureConnect', () => socket.write(Buffer.alloc(1024)))
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((resolve) => socket.once('close', resolve))
  return { received: Buffer.concat(chunks), sessions }
}
