import { Backoff } from '@vedette/shared/backoff'
import { codeOf, IdentityFault, messageOf, Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { type Goodbye, REDIAL_FORBIDDEN, REDIAL_SLOWLY } from '@vedette/shared/message'
import type { Credentials } from '@vedette/shared/tls'
import type { Outbox } from '../outbox/outbox.ts'
import { type About, type Line, openLine } from './line.ts'
import { next, type UplinkEvent, type UplinkState } from './state.ts'
import { Talk, type TalkOptions } from './talk.ts'

const REDIAL_BASE_MS = 500
const REDIAL_CAP_MS = 30_000
/** A talk that lasted this long went well: the next trouble starts with a short wait. */
const WELL_AFTER_MS = 10_000
/** Wait before dialling again after a refusal that only a person can mend. */
const REFUSED_WAIT_MS = 600_000
/** Least wait after a refusal that may end by itself, but not in seconds. */
const SLOW_WAIT_MS = 30_000
/** Longest wait that a server may ask for, milliseconds. */
const LONGEST_AWAY_MS = 600_000
/** What a person is told where server and agent do not agree on the day. */
const OTHER_DAY =
  "the server's clock and this machine's are more than a day apart: set the wrong one"

export type UplinkOptions = TalkOptions & {
  server: { host: string; port: number; name?: string | undefined }
  /** Asked for at every dial. */
  credentials: Credentials
  hello: About
  outbox: Pick<Outbox, 'size' | 'outrun'>
  log: Log
  random: () => number
}

/** How a connection ended; without a code another has taken over. */
type Ended = {
  code: string
  message: string
  redial: 'soon' | 'slowly' | 'refused'
  /** Come back no sooner than this, milliseconds; as the server asked. */
  retryAfter?: number | undefined
}

/** The agent's end of the talk with the server: keeps it up, and empties the outbox over it. */
export class Uplink {
  readonly #options: UplinkOptions
  readonly #backoff: Backoff
  #state: UplinkState = 'waiting'
  /** On the connection that is open. */
  #talk: Talk | undefined
  /** Welcome, and to be talked on next. */
  #spare: Line | undefined
  #signal: AbortSignal | undefined
  #connections = 0

  constructor(options: UplinkOptions) {
    this.#options = options
    const { random } = options
    this.#backoff = new Backoff({ base: REDIAL_BASE_MS, cap: REDIAL_CAP_MS, random })
  }

  get state(): UplinkState {
    return this.#state
  }

  /** Ends the connection, if there is one, and dials again with what is to be said in hello now. */
  redial(): void {
    this.#talk?.hangUp()
  }

  /**
   * Dials once more, with `credentials`; when the server welcomes us there the talk goes on on that
   * connection, and the former one ends as soon as it owes nothing. Throws what refused it: then
   * the former goes on as if nothing had been.
   */
  async handOver(credentials: Credentials): Promise<void> {
    const signal = this.#signal
    if (signal === undefined || this.#talk === undefined || this.#spare !== undefined) {
      throw new Unavailable('uplink.closed', 'no connection to hand over from')
    }
    const line = await openLine({ ...this.#options, credentials }, signal)
    if ('goodbye' in line) {
      throw new IdentityFault('identity.refused', `server refused it: ${line.goodbye.reason}`)
    }
    if (this.#talk === undefined || signal.aborted) {
      void line.channel.close({ type: 'goodbye', reason: 'shutdown' })
      throw new Unavailable('uplink.closed', 'the connection to hand over from was lost')
    }
    this.#spare = line
    this.#talk.drain()
  }

  /** Talks with the server until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options
    this.#signal = signal
    while (!signal.aborted) {
      if (this.#spare === undefined) this.#on('due')
      const ended = await this.#connection(signal)
      if (signal.aborted) break
      const { code, message, redial, retryAfter } = ended
      if (this.#spare !== undefined) {
        log.info({ code, message }, 'uplink.handed-over')
        continue
      }
      if (redial === 'refused') this.#on('refused')
      else this.#on(retryAfter === undefined ? 'lost' : 'deferred')
      const wait = this.#waitAfter(ended)
      log.warn({ code, message, retryIn: Math.round(wait) }, 'uplink.closed')
      await clock.sleep(wait, signal).catch(() => {})
    }
    this.#on('stop')
  }

  /** Milliseconds; a server may ask for more than our own wait, not for less. */
  #waitAfter({ redial, retryAfter = 0 }: Ended): number {
    if (redial === 'refused') return REFUSED_WAIT_MS
    const wait = Math.max(this.#backoff.next(), Math.min(retryAfter, LONGEST_AWAY_MS))
    return redial === 'slowly' ? SLOW_WAIT_MS + wait : wait
  }

  #on(event: UplinkEvent): void {
    const state = next(this.#state, event)
    if (state === undefined) return
    this.#options.log.debug({ from: this.#state, to: state, on: event }, 'uplink.state')
    this.#state = state
  }

  /** One connection from dialling, or from where another hands over, to its end; never throws. */
  async #connection(signal: AbortSignal): Promise<Ended> {
    const onConnected = () => this.#on('connected')
    try {
      const spare = this.#spare
      this.#spare = undefined
      const line = spare ?? (await openLine({ ...this.#options, onConnected }, signal))
      const goodbye = 'goodbye' in line ? line.goodbye : await this.#converse(line)
      const { reason, retryAfter } = goodbye ?? {}
      const message = reason === 'clock' ? OTHER_DAY : 'server closed'
      const code = `goodbye.${reason ?? 'none'}`
      return { code, message, redial: redialAfter(reason), retryAfter }
    } catch (error) {
      return { code: codeOf(error), message: messageOf(error), redial: 'soon' }
    }
  }

  /** Everything after the welcome until the connection ends; gives the server's goodbye. */
  async #converse(line: Line): Promise<Goodbye | undefined> {
    const { clock, log, outbox } = this.#options
    const { done } = line.welcome
    if (done !== undefined && outbox.outrun(done)) {
      line.destroy()
      throw new Unavailable('uplink.closed', 'the numbers of the outbox begin anew')
    }
    this.#on('welcomed')
    const welcomedAt = clock.now()
    log.info({ connection: ++this.#connections, waiting: outbox.size }, 'uplink.open')
    const onHeld = (held: boolean) => this.#on(held ? 'busied' : 'resumed')
    await using talk = new Talk(line, { ...this.#options, onHeld })
    this.#talk = talk
    try {
      return await talk.listen()
    } finally {
      if (clock.now() - welcomedAt > WELL_AFTER_MS) this.#backoff.reset()
      this.#talk = undefined
    }
  }
}

function redialAfter(reason: Goodbye['reason'] | undefined): Ended['redial'] {
  if (reason === undefined) return 'soon'
  if (REDIAL_FORBIDDEN.has(reason)) return 'refused'
  return REDIAL_SLOWLY.has(reason) ? 'slowly' : 'soon'
}
