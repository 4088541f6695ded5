import type { Outbox } from '@vedette/agent/outbox/outbox'
import type { OutboxLimits } from '@vedette/agent/outbox/row'
import { Uplink, type UplinkOptions } from '@vedette/agent/uplink/uplink'
import type { Credentials } from '@vedette/shared/tls'
import { ManualClock } from './agent-clock.ts'
import { type LogLine, recordedLog } from './agent-log.ts'
import { OutboxFolder } from './agent-outbox.ts'
import { outgoing } from './agent-questions.ts'

export type UplinkOverrides = Partial<Omit<UplinkOptions, 'clock' | 'outbox'>> & {
  clock?: ManualClock
  outbox?: Outbox
  limits?: Partial<OutboxLimits>
}

/** An uplink that runs, in time that stands still, with a random that always draws 0. */
export class RunningUplink {
  readonly clock: ManualClock
  readonly outbox: Outbox
  readonly lines: LogLine[]
  readonly signal: AbortSignal
  readonly ended: Promise<void>
  readonly #stop = new AbortController()
  readonly #uplink: Uplink
  readonly #server: { hangUp?(): void }
  readonly #folder: OutboxFolder
  #asked = 0

  constructor(
    server: { port: number; hangUp?(): void },
    credentials: Credentials | (() => Credentials),
    { clock = new ManualClock(), limits, ...overrides }: UplinkOverrides = {},
  ) {
    this.clock = clock
    this.#server = server
    const { log, lines } = recordedLog()
    this.lines = lines
    this.signal = this.#stop.signal
    this.#folder = new OutboxFolder(this.clock)
    this.outbox = overrides.outbox ?? this.#folder.openNow(limits)
    this.#uplink = new Uplink({
      server: { host: '127.0.0.1', port: server.port },
      get credentials() {
        return typeof credentials === 'function' ? credentials() : credentials
      },
      hello: {
        software: 'vedette/test',
        model: 'dlib-resnet29-1',
        cameras: ['gate-north', 'gate-south'],
        announce: false,
        outbox: { stream: this.outbox.stream, first: this.outbox.first },
      },
      outbox: this.outbox,
      log,
      clock: this.clock,
      random: () => 0,
      ...overrides,
    })
    this.ended = this.#uplink.run(this.signal)
  }

  get state() {
    return this.#uplink.state
  }

  /** Codes of what ended each connection so far. */
  get endings(): string[] {
    return this.lines.filter(({ event }) => event === 'uplink.closed').map(({ code }) => code ?? '')
  }

  /** Puts `count` questions into the outbox: t1, t2 … */
  ask(count: number): void {
    for (let i = 0; i < count; i++) this.outbox.add(outgoing(++this.#asked))
  }

  handOver(credentials: Credentials): Promise<void> {
    return this.#uplink.handOver(credentials)
  }

  stop(): void {
    this.#stop.abort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
    this.#server.hangUp?.()
    await this.ended
    await this.#folder[Symbol.asyncDispose]()
  }
}
