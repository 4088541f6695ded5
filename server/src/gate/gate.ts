import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { Channel } from '@vedette/shared/channel'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import {
  type Fares,
  type Hello,
  type PlacesReport,
  parseFromAgent,
  type Trouble,
  type Unviewed,
  type View,
} from '@vedette/shared/message'
import type { Metrics } from '@vedette/shared/metrics'
import { acceptOptions, type SecureOptions } from '@vedette/shared/tls'
import { v7 as newId } from 'uuid'
import type { Probe } from '../probe.ts'
import type { Offered } from '../spaces/offer.ts'
import { addressOf, admit, Doorman, type Register } from './admission.ts'
import type { Deliveries } from './deliveries.ts'
import { descriptorRoom } from './descriptors.ts'
import { Entrance } from './entrance.ts'
import { GateFigures } from './figures.ts'
import { Flapping } from './flapping.ts'
import type { GateLimits } from './limits.ts'
import { Listener } from './listener.ts'
import type { Papers } from './papers.ts'
import { Session } from './session.ts'
import { Sessions, type SessionsOptions } from './sessions.ts'
import { TurnedAway } from './turned-away.ts'
import { Turns } from './turns.ts'

/** Questions at the gallery at a time: enough to fill its batches, few enough to take turns. */
const ABREAST = 256

/** An agent that is to be welcomed. */
export type Newcomer = { name: string; serial: string; address: string; hello: Hello }

export type GateOptions = {
  host: string
  port: number
  limits: GateLimits
  /** Addresses that agents were welcomed from in an earlier life of the server. */
  known: Iterable<string>
  credentials: SecureOptions
  ledger: Register
  /** Components of an embedding of a space; undefined where that is not spoken here. */
  lengthOf: (space: string) => number | undefined
  /** The model that agents should have; those that speak another space are told. */
  offer: () => Offered
  /** What agents are told of certificates and roots. */
  papers: Pick<Papers, 'notices' | 'renew' | 'trusted'>
  announce: SessionsOptions['announce']
  deliveries: Pick<Deliveries, 'begin' | 'take'>
  clock: Clock
  random: () => number
  log: Log
  metrics: Metrics
  onProbe: (probe: Probe) => Promise<void>
  onTrouble: (agent: string, trouble: Trouble) => Promise<void>
  onWelcome: (agent: Newcomer) => Promise<void>
  /** The last connection of an agent has ended. */
  onGone?: (agent: string) => void
  /** What a camera sees, or why it shows nothing, while somebody looks. */
  onView: (agent: string, view: View) => void
  onUnviewed: (agent: string, unviewed: Unviewed) => void
  /** Where an agent says that its cameras stand. */
  onPlaces: (agent: string, places: PlacesReport['places']) => Promise<void>
  onFares: (agent: string, fares: Omit<Fares, 'type'>) => void
}

/** Where agents come in: mutual TLS 1.3, one session for each agent. */
export class Gate {
  /** Who is here. */
  readonly sessions: Sessions
  readonly #options: GateOptions
  readonly #entrance: Entrance
  readonly #doorman: Doorman
  readonly #turnedAway: TurnedAway
  readonly #figures: GateFigures
  /** Speaks TLS with connections that the listener accepted; listens to nothing itself. */
  readonly #server: Server
  #listener: Listener | undefined
  readonly #flapping: Flapping
  readonly #turns = new Turns(ABREAST)
  readonly #talks = new Set<Promise<void>>()

  /** Resolves when agents can dial. */
  static async open(options: GateOptions): Promise<Gate> {
    const { host, port, limits, clock, log } = options
    const room = await descriptorRoom()
    if (room < limits.connections) {
      const hint = 'raise LimitNOFILE= of the unit (ulimit -n) or lower gate.limits.connections'
      log.warn({ configured: limits.connections, connections: room, hint }, 'gate.limited')
    }
    const connections = Math.min(limits.connections, room)
    const gate = new Gate({ ...options, limits: { ...limits, connections } })
    gate.#listener = await Listener.open({
      host,
      port,
      clock,
      onSocket: (socket) => gate.#arrive(socket),
      onTrouble: (error) =>
        log.error({ code: codeOf(error), message: error.message }, 'gate.paused'),
    })
    return gate
  }

  private constructor(options: GateOptions) {
    this.#options = options
    const { credentials, clock, limits, log, metrics } = options
    this.#entrance = new Entrance(limits, clock, options.known)
    this.#flapping = new Flapping(limits.flapping, clock)
    this.#turnedAway = new TurnedAway(clock, log)
    this.#figures = new GateFigures(metrics, {
      connections: () => this.#entrance.open,
      queued: () => this.#turns.depth,
    })
    const { perAgent } = limits
    this.sessions = new Sessions({ ...options, perAgent, figures: this.#figures })
    const refused = (address: string, reason: string, code: string, message: string) => {
      this.#figures.refused.inc({ reason })
      log.warn({ address, code, message }, 'gate.refused')
    }
    this.#doorman = new Doorman(clock, (address) =>
      refused(address, 'timeout', 'handshake.timeout', 'did not become anybody in time'),
    )
    this.#server = createServer(acceptOptions(credentials))
    this.#server.on('tlsClientError', (error, socket) => {
      // Node's error only says that the connection is over; what is wrong with the peer stands here.
      const { authorizationError: fault } = socket
      const code = fault ? String(fault) : codeOf(error)
      refused(addressOf(socket), 'tls', code, error.message)
      socket.destroy()
    })
    this.#server.on('secureConnection', (socket) => {
      this.#figures.handshakes.inc()
      const talk = this.#admit(socket).catch((error) => {
        refused(addressOf(socket), 'identity', codeOf(error), messageOf(error))
        socket.destroy()
      })
      this.#talks.add(talk)
      void talk.finally(() => this.#talks.delete(talk))
    })
  }

  get port(): number {
    return this.#listener?.port ?? 0
  }

  /** Whether agents can dial. */
  get open(): boolean {
    return this.#listener?.open ?? false
  }

  /** Shows and trusts these from the next connection on; those that are open go on. */
  useCredentials(credentials: SecureOptions): void {
    this.#server.setSecureContext(acceptOptions(credentials))
  }

  /** Cuts off whose certificate does not count any more; resolves when nothing of theirs is read. */
  recheck(): Promise<void> {
    return this.sessions.recheck()
  }

  /** Stops listening, says goodbye to every agent and waits until all are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#listener?.stop()
    await this.sessions.leave()
    await Promise.all(this.#talks)
    await closed
    this.#turnedAway.stop()
  }

  #arrive(socket: Socket): void {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || !this.open) return void socket.destroy()
    const guest = this.#entrance.arrive(remoteAddress)
    if (typeof guest === 'string') {
      this.#figures.refused.inc({ reason: guest })
      this.#turnedAway.note(guest, remoteAddress)
      socket.resetAndDestroy()
      return
    }
    this.#doorman.arrived(socket, guest)
    this.#server.emit('connection', socket)
  }

  async #admit(socket: TLSSocket): Promise<void> {
    socket.on('error', () => {}) // the reader sees it; before there is one, 'close' follows
    const peer = await admit(socket, 'agent', this.#options.ledger)
    if (!this.open) return void socket.destroy()
    const channel = new Channel(socket, parseFromAgent)
    const address = socket.remoteAddress ?? ''
    const { lengthOf, offer, papers, limits, deliveries, clock, random, ledger } = this.#options
    const { onProbe, onTrouble, onWelcome, onPlaces, onFares } = this.#options
    const { onView, onUnviewed } = this.#options
    const session = new Session({
      id: newId(),
      peer,
      channel,
      lengthOf,
      offer,
      limits,
      figures: this.#figures,
      turns: this.#turns,
      away: this.#flapping.arrived(peer.identity.name),
      papers,
      deliveries,
      clock,
      random,
      onProbe,
      onTrouble,
      onView,
      onUnviewed,
      onWelcome: async (hello) => {
        // Once more: it may have been revoked before this session was there to be cut off.
        const entry = await ledger.find(peer.serial)
        if (entry?.revocation !== undefined) return session.cut('revoked')
        this.#doorman.admitted(socket)
        await onWelcome({ name: session.agent, serial: peer.serial, address, hello })
        if (this.open) this.sessions.welcome(session, addressOf(socket))
      },
      onPlaces: (places) => onPlaces(peer.identity.name, places),
      onFares: (fares) => onFares(peer.identity.name, fares),
    })
    await this.sessions.talk(session)
    socket.destroy()
  }
}
