import { once } from 'node:events'
import {
  type AddressInfo,
  createServer as createListener,
  type Server,
  type Socket,
} from 'node:net'
import { createServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, Fault, messageOf, Unavailable } from '@vedette/shared/errors'
import {
  firstMessage,
  JOIN_LIMITS,
  type JoinAnswer,
  joinEnvelope,
  parseJoin,
} from '@vedette/shared/join-message'
import type { Log } from '@vedette/shared/log'
import { type SecureOptions, showOptions } from '@vedette/shared/tls'
import type { InvitationStore } from '../store/invitations.ts'
import type { Invitations } from './invitations.ts'
import { Turnstile } from './turnstile.ts'

/** For everything that is said over one connection, milliseconds. */
const TALK_MS = 10_000
/** The clock is looked at this often while the door is open: it may jump, ms. */
const CHECK_MS = 60_000

export type JoinDoorOptions = {
  host: string
  /** 0 lets the system choose one, and keeps it. */
  port: number
  credentials: SecureOptions
  /** PEM; shown with the chain, for newcomers to find the one that their code pins. */
  roots: () => string
  /** Of the gate. */
  gatePort: () => number
  invitations: Pick<Invitations, 'redeem'>
  store: Pick<InvitationStore, 'openUntil'>
  clock: Clock
  log: Log
}

/**
 * Where newcomers come in: the server shows its certificate, they show the secret of a code. It
 * listens only while there is an invitation that can be used.
 */
export class JoinDoor {
  readonly #options: JoinDoorOptions
  readonly #turnstile: Turnstile
  /** Speaks TLS with connections that the listener accepted; listens to nothing itself. */
  readonly #tls: TlsServer
  readonly #talks = new Set<Promise<void>>()
  readonly #sockets = new Set<Socket>()
  #listener: Server | undefined
  #port: number
  #timer: Timer | undefined
  #turn: Promise<void> = Promise.resolve()
  #stopped = false

  /** Listens if somebody is invited. That the port is taken is said, and ends nothing. */
  static async open(options: JoinDoorOptions): Promise<JoinDoor> {
    const door = new JoinDoor(options)
    await door.refresh().catch((error) => door.#trouble(error))
    return door
  }

  private constructor(options: JoinDoorOptions) {
    this.#options = options
    this.#port = options.port
    this.#turnstile = new Turnstile(options.clock)
    this.#tls = createServer(this.#shown(options.credentials))
    this.#tls.on('tlsClientError', (error, socket) => {
      this.#refused(socket.remoteAddress ?? 'gone', codeOf(error), error.message)
      socket.destroy()
    })
    this.#tls.on('secureConnection', (socket) => {
      const talk = this.#talk(socket)
      this.#talks.add(talk)
      void talk.finally(() => this.#talks.delete(talk))
    })
  }

  /** Whether newcomers can dial. */
  get listening(): boolean {
    return this.#listener !== undefined
  }

  /** Of the last time it listened, or as configured. */
  get port(): number {
    return this.#port
  }

  /** Listens if there is an invitation that can be used, and not if there is none. */
  refresh(): Promise<void> {
    const turn = this.#turn.then(() => this.#update())
    this.#turn = turn.catch(() => {})
    return turn
  }

  /** Listens for an invitation that is about to be made, and gives the port. */
  async hold(): Promise<number> {
    const turn = this.#turn.then(() => this.#listen(this.#options.clock.now()))
    this.#turn = turn.catch(() => {})
    await turn
    return this.#port
  }

  /** Shows these from the next connection on. */
  useCredentials(credentials: SecureOptions): void {
    this.#tls.setSecureContext(this.#shown(credentials))
  }

  /** Nobody who is here has a certificate. */
  async recheck(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#turn
    for (const socket of this.#sockets) socket.destroy()
    await this.#close()
    await Promise.all(this.#talks)
  }

  #shown({ chain, key }: SecureOptions) {
    return showOptions({ chain: chain + this.#options.roots(), key })
  }

  async #update(): Promise<void> {
    const { store, clock } = this.#options
    const until = await store.openUntil(clock.now())
    this.#timer?.cancel()
    if (this.#stopped) return
    if (until === undefined) return this.#close()
    const wait = Math.min(until - clock.now() + 1, CHECK_MS)
    this.#timer = clock.after(wait, () => void this.refresh().catch((e) => this.#trouble(e)))
    await this.#listen(until)
  }

  /** Throws Unavailable `join.closed` where the port cannot be had. */
  async #listen(until: number): Promise<void> {
    if (this.#listener !== undefined) return
    const { host, log } = this.#options
    const listener = createListener({ noDelay: true }, (socket) => this.#arrive(socket))
    try {
      listener.listen(this.#port, host)
      await once(listener, 'listening')
    } catch (cause) {
      throw new Unavailable('join.closed', `cannot listen on ${host}:${this.#port}`, {
        cause,
        hint: 'name another port in server.yaml: join: { port: 7445 }',
      })
    }
    listener.on('error', (error) => this.#trouble(error))
    this.#listener = listener
    this.#port = (listener.address() as AddressInfo).port
    log.info({ port: this.#port, until: new Date(until) }, 'join.open')
  }

  async #close(): Promise<void> {
    const listener = this.#listener
    if (listener === undefined) return
    this.#listener = undefined
    const closed = new Promise<void>((resolve) => listener.once('close', resolve))
    listener.close()
    // Whoever is in the middle of joining is not cut off.
    void closed.then(() => this.#options.log.info({ port: this.#port }, 'join.closed'))
    if (this.#stopped) await closed
  }

  #arrive(socket: Socket): void {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || this.#stopped || !this.#turnstile.enter(remoteAddress)) {
      socket.resetAndDestroy()
      return
    }
    this.#sockets.add(socket)
    const late = this.#options.clock.after(TALK_MS, () => socket.destroy())
    socket.on('error', () => {})
    socket.once('close', () => {
      late.cancel()
      this.#sockets.delete(socket)
      this.#turnstile.leave()
    })
    this.#tls.emit('connection', socket)
  }

  /** One question, one answer. Never throws. */
  async #talk(socket: TLSSocket): Promise<void> {
    const address = socket.remoteAddress ?? 'gone'
    socket.on('error', () => {})
    try {
      const answer = await this.#answer(socket, address)
      if (answer !== undefined) socket.end(joinEnvelope(answer))
      else socket.destroy()
    } catch (error) {
      this.#refused(address, codeOf(error), messageOf(error))
      socket.destroy()
    }
  }

  async #answer(socket: TLSSocket, address: string): Promise<JoinAnswer | undefined> {
    const { invitations, gatePort } = this.#options
    const parsed = await firstMessage(socket, parseJoin, JOIN_LIMITS.newcomer).catch((error) => {
      // A newcomer looks first at what is shown here, and leaves to come again.
      if (codeOf(error) === 'uplink.closed') return undefined
      this.#turnstile.wrong(address)
      throw error
    })
    if (parsed === undefined) return undefined
    try {
      const { agent, chain, roots } = await invitations.redeem(
        parsed.secret,
        parsed.request,
        address,
      )
      await this.refresh().catch((error) => this.#trouble(error))
      const [inPem, all] = [Buffer.from(chain), Buffer.from(roots)]
      return { type: 'joined', agent, chain: inPem, roots: all, port: gatePort() }
    } catch (error) {
      this.#turnstile.wrong(address)
      return { type: 'unjoined', code: error instanceof Fault ? error.code : 'internal' }
    }
  }

  #refused(address: string, code: string, message: string): void {
    this.#options.log.warn({ address, code, message }, 'join.broken')
  }

  #trouble(error: unknown): void {
    const hint = error instanceof Fault ? error.hint : undefined
    this.#options.log.error({ code: codeOf(error), message: messageOf(error), hint }, 'join.stuck')
  }
}
