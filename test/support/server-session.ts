import { Duplex } from 'node:stream'
import { Delivery } from '@vedette/server/gate/delivery'
import { GateFigures } from '@vedette/server/gate/figures'
import type { GateLimits } from '@vedette/server/gate/limits'
import { type Ending, Session } from '@vedette/server/gate/session'
import { Turns } from '@vedette/server/gate/turns'
import { Channel } from '@vedette/shared/channel'
import { EnvelopeReader, encodeEnvelope, WELCOME_LIMIT } from '@vedette/shared/envelope'
import { codeOf, ProtocolFault } from '@vedette/shared/errors'
import {
  encodeMessage,
  type FromAgent,
  type FromServer,
  parseFromAgent,
  parseFromServer,
} from '@vedette/shared/message'
import { createMetrics } from '@vedette/shared/metrics'
import { ManualClock } from './agent-clock.ts'
import { SPACE } from './server-client.ts'

/** Counts nothing twice: one registry is enough for any number of sessions. */
const figures = new GateFigures(createMetrics('server'), {
  connections: () => 0,
  queued: () => 0,
})

/** A real session whose other end is in memory, in time that stands still. */
export class LoneSession {
  readonly clock = new ManualClock(Date.now())
  /** What it said, oldest first. */
  readonly said: FromServer[] = []
  /** Tracks of the questions that it let through. */
  readonly probes: string[] = []
  ending: Ending | undefined
  /** The code of what broke the talk. */
  fault: string | undefined
  readonly over: Promise<void>
  readonly #stream: Duplex

  constructor(limits: Pick<GateLimits, 'questions' | 'waiting'>) {
    const reader = new EnvelopeReader(WELCOME_LIMIT)
    const said = this.said
    const stream = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        for (const body of reader.push(chunk)) said.push(parseFromServer(body))
        done()
      },
      final(done) {
        stream.push(null)
        done()
      },
    })
    this.#stream = stream
    const delivery = new Delivery(undefined, () => {})
    const identity = { role: 'agent', name: 'gate-7' } as const
    const session = new Session({
      id: 's-1',
      peer: { identity, serial: '1', notAfter: Number.MAX_SAFE_INTEGER, fingerprint: '' },
      channel: new Channel(stream, parseFromAgent),
      lengthOf: (space) => (space === SPACE ? 128 : undefined),
      offer: () => ({
        space: SPACE,
        row: Buffer.from('{}'),
        sha256: '0'.repeat(64),
        piece: async () => undefined,
      }),
      deliveries: {
        begin: (_agent, outbox) => delivery.begin(outbox),
        take: (_agent, message, work) => delivery.take(message, work),
      },
      papers: {
        notices: async () => [],
        renew: async () => ({ type: 'unrenewed', code: 'test' }),
        trusted: async () => {},
      },
      limits,
      figures,
      turns: new Turns(256),
      away: 0,
      clock: this.clock,
      random: () => 0,
      onProbe: async ({ track }) => void this.probes.push(track),
      onTrouble: async () => {},
      onPlaces: async () => {},
      onView: () => {},
      onUnviewed: () => {},
      onFares: () => {},
      onWelcome: async () => {},
    })
    this.over = session.run().then(
      (ending) => {
        this.ending = ending
      },
      async (error) => {
        this.fault = codeOf(error)
        await session.close(error instanceof ProtocolFault ? 'protocol' : 'internal')
      },
    )
  }

  say(message: FromAgent | FromServer): void {
    if (!this.#stream.readableEnded && !this.#stream.destroyed) {
      this.#stream.push(encodeEnvelope(encodeMessage(message)))
    }
  }

  /** Resolves when it has dealt with what was said, as far as time allows. */
  async settled(): Promise<void> {
    for (let i = 0; i < 4; i++) await new Promise(setImmediate)
  }

  [Symbol.dispose](): void {
    this.#stream.destroy()
  }
}
