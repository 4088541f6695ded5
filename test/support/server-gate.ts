import { EventEmitter, once } from 'node:events'
import { Server } from 'node:net'
import type { Ledger } from '@vedette/certs/ledger'
import { Deliveries } from '@vedette/server/gate/deliveries'
import { Gate, type GateOptions, type Newcomer } from '@vedette/server/gate/gate'
import { type GateLimits, gateLimits } from '@vedette/server/gate/limits'
import type { Probe } from '@vedette/server/probe'
import type { Log } from '@vedette/shared/log'
import type { Hello } from '@vedette/shared/message'
import { createMetrics, type Metrics } from '@vedette/shared/metrics'
import { vi } from 'vitest'
import { ManualClock } from './agent-clock.ts'
import { ScriptedAgent, SPACE } from './server-client.ts'
import type { Deployment } from './server-deployment.ts'
import { LogBook } from './server-log.ts'

/** What agents of SPACE have already. */
const OFFER = {
  space: SPACE,
  row: Buffer.from('{}'),
  sha256: '0'.repeat(64),
  piece: async () => undefined,
}

const PLENTY = 1_000_000

/** Nobody is too many, save where a test says otherwise. */
export function limitsOf(more: Partial<GateLimits> = {}): GateLimits {
  const rate = { rate: PLENTY, burst: PLENTY }
  return {
    ...gateLimits.parse({}),
    ...{ connections: PLENTY, perAddress: PLENTY, halfOpen: PLENTY },
    ...{ arrivals: rate, arrivalsPerAddress: rate, questions: rate },
    ...{ flapping: { connections: PLENTY, within: 60_000, wait: 300_000 } },
    ...more,
  }
}

/** Certificates and roots are no matter here. */
const NO_PAPERS: GateOptions['papers'] = {
  notices: async () => [],
  renew: async () => ({ type: 'unrenewed', code: 'internal' }),
  trusted: async () => {},
}

/** A real gate on time that stands still, which notes all that comes of what agents say. */
export class TestGate {
  readonly gate: Gate
  /** The listening socket itself. */
  readonly server: Server
  readonly clock: ManualClock
  readonly book: LogBook
  readonly metrics: Metrics
  readonly probes: Probe[]
  readonly welcomed: Newcomer[]
  readonly #deployment: Deployment
  readonly #news: EventEmitter
  #asked = 0

  static async open(
    deployment: Deployment,
    more: Partial<GateOptions> & {
      answer?: (probe: Probe) => Promise<void>
      papersOf?: (clock: ManualClock, log: Log) => GateOptions['papers']
    } = {},
  ): Promise<TestGate> {
    const { answer = async () => {}, papersOf = () => NO_PAPERS, ...options } = more
    const clock = new ManualClock(Date.now())
    const book = new LogBook()
    const news = new EventEmitter()
    const probes: Probe[] = []
    const welcomed: TestGate['welcomed'] = []
    const ledger: Ledger = Object.create(deployment.ledger)
    ledger.find = async (serial) => {
      try {
        return await deployment.ledger.find(serial)
      } finally {
        news.emit('asked')
      }
    }
    const metrics = createMetrics('server')
    const nowhere = { all: async () => [], save: async () => {} }
    const deliveries = await Deliveries.open({ store: nowhere, clock, log: book.log, metrics })
    const listen = vi.spyOn(Server.prototype, 'listen')
    const gate = await Gate.open({
      host: '127.0.0.1',
      port: 0,
      onPlaces: async () => {},
      onView: () => {},
      onUnviewed: () => {},
      onFares: () => {},
      limits: limitsOf(),
      known: [],
      credentials: deployment.credentials,
      ledger,
      lengthOf: (space) => (space === SPACE ? 128 : undefined),
      offer: () => OFFER,
      papers: papersOf(clock, book.log),
      announce: {},
      deliveries,
      clock,
      random: () => 0.5,
      log: book.log,
      metrics,
      onProbe: (probe) => {
        probes.push(probe)
        news.emit('probe')
        return answer(probe)
      },
      onTrouble: async () => {},
      onWelcome: async (agent) => void welcomed.push(agent),
      ...options,
    })
    const server = listen.mock.contexts[0] as Server
    listen.mockRestore()
    return new TestGate(deployment, news, { gate, server, clock, book, metrics, probes, welcomed })
  }

  private constructor(
    deployment: Deployment,
    news: EventEmitter,
    parts: Pick<TestGate, 'gate' | 'server' | 'clock' | 'book' | 'metrics' | 'probes' | 'welcomed'>,
  ) {
    this.gate = parts.gate
    this.server = parts.server
    this.clock = parts.clock
    this.book = parts.book
    this.metrics = parts.metrics
    this.probes = parts.probes
    this.welcomed = parts.welcomed
    this.#deployment = deployment
    this.#news = news
    news.on('asked', () => this.#asked++)
  }

  get port(): number {
    return this.gate.port
  }

  async dial(name = 'gate-7'): Promise<ScriptedAgent> {
    return ScriptedAgent.dial(this.port, await this.#deployment.agent(name))
  }

  /** An agent that is welcome. */
  async welcome(name = 'gate-7', more: Partial<Hello> = {}): Promise<ScriptedAgent> {
    return ScriptedAgent.welcome(this.port, await this.#deployment.agent(name), more)
  }

  /** Resolves when `count` probes came in all, and what their answers set off has happened. */
  async probed(count: number): Promise<void> {
    while (this.probes.length < count) await once(this.#news, 'probe')
    await new Promise(setImmediate)
  }

  /** Resolves when `count` connections have passed TLS in all, and the ledger was asked. */
  async secured(count: number): Promise<void> {
    while (this.#asked < count) await once(this.#news, 'asked')
    await new Promise(setImmediate)
  }

  /** Connections that the listening socket counts as open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
    })
  }

  /** Resolves when the listening socket has none left. */
  async deserted(): Promise<void> {
    while ((await this.connections()) > 0) await new Promise(setImmediate)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = this.gate[Symbol.asyncDispose]()
    this.clock.advance(5000) // for whoever has not said who it is
    await gone
  }
}
