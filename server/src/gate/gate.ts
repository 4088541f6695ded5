import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { Channel } from '@vedette/shared/channel'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf, ProtocolFault } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import {
  type Canary,
  type Hello,
  type PlacesReport,
  parseFromAgent,
  type Trouble,
} from '@vedette/shared/message'
import type { Metrics } from '@vedette/shared/metrics'
import { acceptOptions, type Peer, type SecureOptions } from '@vedette/shared/tls'
import { v7 as newId } from 'uuid'
import type { Probe } from '../probe.ts'
import type { Offered } from '../spaces/offer.ts'
import type { Alert } from '../store/alerts.ts'
import { addressOf, admit, Doorman, type Register } from './admission.ts'
import type { Deliveries } from './deliveries.ts'
import { descriptorRoom } from './descriptors.ts'
import { Entrance } from './entrance.ts'
import { Expiry } from './expiry.ts'
import { GateFigures } from './figures.ts'
import { Flapping } from './flapping.ts'
import type { GateLimits } from './limits.ts'
import { Listener } from './listener.ts'
import type { Papers } from './papers.ts'
import { Places } from './places.ts'
import { type Ending, Session } from './session.ts'
import { TurnedAway } from './turned-away.ts'
import { Turns } from './turns.ts'

/** Questions at the gallery at a time: enough to fill its batches, few enough to take turns. */
const ABREAST = 256
/** Agents come back over this time when the gate stops: for each other one, and at most, milliseconds. */
const [SPREAD_EACH_MS, SPREAD_MOST_MS] = [40, 20_000]

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
  /** Agents that are told of alerts: of their own cameras, or of all. */
  announce: Readonly<Record<string, 'own' | 'all'>>
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
  /** Where an agent says that its cameras stand. */
  onPlaces: (agent: string, places: PlacesReport['places']) => Promise<void>
}

/** Where agents come in: mutual TLS 1.3, one session for each agent. */
export class Gate {
  readonly #options: GateOptions
  /** Agents that are told of alerts; may change meanwhile. */
  #announce: GateOptions['announce']
  readonly #entrance: Entrance
  readonly #doorman: Doorman
  readonly #turnedAway: TurnedAway
  readonly #figures: GateFigures
  /** Speaks TLS with connections that the listener accepted; listens to nothing itself. */
  readonly #server: Server
  #listener: Listener | undefined
  /** The welcome ones, by agent. */
  readonly #sessions = new Map<string, Session>()
  readonly #open = new Set<Session>()
  readonly #places: Places<Session>
  readonly #flapping: Flapping
  readonly #turns = new Turns(ABREAST)
  readonly #expiry: Expiry
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
    this.#announce = options.announce
    this.#entrance = new Entrance(limits, clock, options.known)
    this.#places = new Places(limits.perAgent)
    this.#flapping = new Flapping(limits.flapping, clock)
    this.#expiry = new Expiry(clock)
    this.#turnedAway = new TurnedAway(clock, log)
    this.#figures = new GateFigures(metrics, {
      connections: () => this.#entrance.open,
      queued: () => this.#turns.depth,
    })
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

  /** Agents that are welcome now. */
  get connected(): string[] {
    return [...this.#sessions.keys()]
  }

  /** The embedding space that each welcome agent speaks. */
  get spoken(): Map<string, string> {
    return new Map([...this.#sessions].map(([agent, { hello }]) => [agent, hello?.model ?? '']))
  }

  /** Cameras of these agents. */
  get cameras(): { agent: string; camera: string }[] {
    return [...this.#sessions].flatMap(([agent, { hello }]) =>
      (hello?.cameras ?? []).map((camera) => ({ agent, camera })),
    )
  }

  /** Shows and trusts these from the next connection on; those that are open go on. */
  useCredentials(credentials: SecureOptions): void {
    this.#server.setSecureContext(acceptOptions(credentials))
  }

  /** Tells every agent what has changed about certificates and roots. */
  async tellPapers(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.tellPapers()))
  }

  /** Cuts off whose certificate does not count any more; resolves when nothing of theirs is read. */
  async recheck(): Promise<void> {
    const { ledger } = this.#options
    for (const session of [...this.#open]) {
      const entry = await ledger.find(session.serial)
      if (entry !== undefined && entry.revocation === undefined) continue
      session.cut('revoked')
      if (this.#sessions.get(session.agent) === session) this.#sessions.delete(session.agent)
    }
  }

  /** Cameras of agents that know canaries. */
  get checkable(): { agent: string; camera: string }[] {
    return [...this.#sessions]
      .filter(([, { hello }]) => hello?.canary)
      .flatMap(([agent, { hello }]) => hello!.cameras.map((camera) => ({ agent, camera })))
  }

  /** Has an agent show the test face to one of its cameras. */
  ask(agent: string, canary: Canary): void {
    this.#sessions.get(agent)?.post(canary)
  }

  /** Tells agents that speak another space than they should which model to fetch. */
  offerModel(): void {
    for (const session of this.#sessions.values()) session.offerModel()
  }

  /** From here on these agents may announce alerts. */
  useAnnounce(announce: GateOptions['announce']): void {
    this.#announce = announce
  }

  /** Tells the agents that may and want to announce `alert`. */
  announce(alert: Alert, name: string): void {
    const { id, camera, list, capturedAt } = alert
    for (const [agent, session] of this.#sessions) {
      const scope = this.#announce[agent]
      if (scope === undefined || !session.hello?.announce) continue
      if (scope === 'own' && alert.agent !== agent) continue
      session.post({ type: 'alert', id, camera, name, list, capturedAt })
    }
  }

  /** Stops listening, says goodbye to every agent and waits until all are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#listener?.stop()
    const agents = [...this.#open]
    const spread = Math.min(SPREAD_MOST_MS, (agents.length - 1) * SPREAD_EACH_MS)
    const { random } = this.#options
    await Promise.all(
      agents.map((session, i) => session.leave(((i + random()) / agents.length) * spread)),
    )
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
    const { onProbe, onTrouble, onWelcome, onPlaces } = this.#options
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
      onWelcome: async (hello) => {
        // Once more: it may have been revoked before this session was there to be cut off.
        const entry = await ledger.find(peer.serial)
        if (entry?.revocation !== undefined) return session.cut('revoked')
        this.#doorman.admitted(socket)
        await onWelcome({ name: session.agent, serial: peer.serial, address, hello })
        this.#welcome(session, socket, peer)
      },
      onPlaces: (places) => onPlaces(peer.identity.name, places),
    })
    await this.#talk(session)
    socket.destroy()
  }

  #welcome(session: Session, socket: TLSSocket, peer: Peer): void {
    if (!this.open) return
    const { log } = this.#options
    this.#sessions.get(session.agent)?.replaceBy(session)
    this.#sessions.set(session.agent, session)
    const { agent, hello } = session
    const skew = this.#options.clock.now() - (hello?.sentAt ?? 0)
    log.info({ agent, address: addressOf(socket), serial: peer.serial, skew }, 'agent.welcome')
  }

  async #talk(session: Session): Promise<void> {
    const { agent } = session
    const { log } = this.#options
    this.#open.add(session)
    this.#expiry.add(session)
    void this.#places.take(agent, session)?.close('replaced')
    try {
      const ending = await session.run()
      log.info({ agent, reason: ending.reason }, 'agent.left')
      this.#figures.closed.inc({ reason: closingOf(ending) })
    } catch (error) {
      const [code, message] = [codeOf(error), messageOf(error)]
      log.warn({ agent, code, message }, 'agent.cut')
      const reason = error instanceof ProtocolFault ? 'protocol' : 'internal'
      this.#figures.closed.inc({ reason: session.broken ? 'lost' : reason })
      await session.close(reason)
    } finally {
      this.#open.delete(session)
      this.#expiry.remove(session)
      this.#places.leave(agent, session)
      if (this.#sessions.get(agent) === session) {
        this.#sessions.delete(agent)
        this.#options.onGone?.(agent)
      }
    }
  }
}

/** An ending as it is counted: `left` and `lost` are the agent's doing, all others ours. */
function closingOf({ by, reason }: Ending): string {
  if (by === 'server') return reason
  return by === 'agent' ? 'left' : 'lost'
}
