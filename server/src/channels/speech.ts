import { Bell } from '@vedette/shared/bell'
import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { AlertChange } from '../store/alerts.ts'
import type { ChannelOf } from './channel.ts'
import { play, wavOf } from './espeak.ts'
import { isQuiet } from './hours.ts'
import { type Carrier, type Delivered, type Notice, retry } from './notice.ts'
import { saidOf } from './post.ts'
import { sentences } from './words.ts'

/** What was not said by then is old. */
const PATIENCE_MS = 120_000
/** Between two things that are said again, milliseconds. */
const BREATH_MS = 1000

export type SpeechPrograms = { program: string; player: string }
export type SpeechEnds = {
  programs: SpeechPrograms
  alerts: { listen(listener: (change: AlertChange) => void): () => void }
  /** What this channel has said and nobody has acted upon, as it is now. */
  unanswered: () => Promise<Notice[]>
  clock: Clock
  log: Log
}

type Said = { times: number; at: number }

/**
 * Says it aloud on this machine, the most urgent first, again and again until somebody acts upon it;
 * stops in the middle of a word when somebody does.
 */
export class Speech implements Carrier {
  readonly batch = 1
  readonly parallel = 1
  readonly apart = 0
  readonly patience = PATIENCE_MS
  readonly urgentFirst = true
  readonly #channel: ChannelOf<'speech'>
  readonly #ends: SpeechEnds
  readonly #said = new Map<string, Said>()
  readonly #stop = new AbortController()
  readonly #unlisten: () => void
  readonly #bell = new Bell()
  readonly #repeating: Promise<void>
  #mouth: Promise<unknown> = Promise.resolve()
  #now: { alert: string; hush: AbortController } | undefined
  #timer: Timer | undefined

  constructor(channel: ChannelOf<'speech'>, ends: SpeechEnds) {
    this.#channel = channel
    this.#ends = ends
    this.#unlisten = ends.alerts.listen(({ alert }) => {
      if (alert.state !== 'open' || alert.certainty === 'withdrawn') this.#hush(alert.id)
    })
    this.#repeating = this.#repeat()
  }

  async deliver([notice]: readonly Notice[], signal: AbortSignal): Promise<Delivered> {
    const { kind, alert } = notice!
    const calls = CALLING.has(kind)
    if (calls && alert?.state !== 'open')
      return { done: 'sent', said: 'somebody has acted already' }
    if (kind === 'acknowledged' || kind === 'resolved') {
      return { done: 'sent', said: 'nothing is said of it any more' }
    }
    const result = await this.#say(notice!, signal)
    if (calls && result.done === 'sent') this.#bell.ring()
    return result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlisten()
    this.#stop.abort(new Error('the channel is closed'))
    this.#timer?.cancel()
    this.#bell.ring()
    await this.#repeating
    await this.#mouth
  }

  /** One after the other. */
  #say(notice: Notice, signal: AbortSignal): Promise<Delivered> {
    const said = this.#mouth.then(() => this.#speak(notice, signal))
    this.#mouth = said
    return said
  }

  async #speak(notice: Notice, signal: AbortSignal): Promise<Delivered> {
    const { programs, clock } = this.#ends
    const { settings, rules } = this.#channel
    const { alert } = notice
    const hush = new AbortController()
    const until = AbortSignal.any([signal, this.#stop.signal, hush.signal])
    if (alert !== undefined) this.#now = { alert: alert.id, hush }
    try {
      const text = `${sentences(notice, rules.language).join('. ')}.`
      const saying = { text, language: rules.language, speed: settings.speed }
      await play(programs.player, await wavOf(programs.program, saying, until), until)
      if (alert !== undefined) {
        const { times } = this.#said.get(alert.id) ?? { times: 0 }
        this.#said.set(alert.id, { times: times + 1, at: clock.now() })
      }
      return { done: 'sent', said: 'said' }
    } catch (error) {
      if (hush.signal.aborted) return { done: 'sent', said: 'stopped: somebody has acted' }
      return retry(codeOf(error), saidOf(error))
    } finally {
      this.#now = undefined
    }
  }

  #hush(alert: string): void {
    this.#said.delete(alert)
    if (this.#now?.alert === alert) this.#now.hush.abort(new Error('somebody has acted'))
  }

  /** Says again what is due, as long as there is anything that nobody has acted upon. */
  async #repeat(): Promise<void> {
    const { clock, log } = this.#ends
    const { repeat } = this.#channel.settings
    if (repeat === null) return
    while (!this.#stop.signal.aborted) {
      let wait = repeat
      try {
        wait = await this.#sayAgain(repeat)
      } catch (error) {
        log.warn({ code: codeOf(error), message: messageOf(error) }, 'speech.waiting')
      }
      if (this.#stop.signal.aborted) return
      this.#timer?.cancel()
      this.#timer = clock.after(wait, () => this.#bell.ring())
      await this.#bell.wait()
    }
  }

  /** What was said before this server was started is said again as what was said just now. */
  #remember(unanswered: readonly Notice[], now: number): void {
    for (const { alert } of unanswered) {
      if (alert !== undefined && !this.#said.has(alert.id)) {
        this.#said.set(alert.id, { times: 1, at: now })
      }
    }
  }

  /** Says one thing; gives the milliseconds until the next is due. */
  async #sayAgain(repeat: number): Promise<number> {
    const { clock } = this.#ends
    const { rules, settings } = this.#channel
    const unanswered = await this.#ends.unanswered()
    const now = clock.now()
    this.#remember(unanswered, now)
    const open = unanswered.filter(({ alert }) => {
      const times = alert === undefined ? settings.most : this.#said.get(alert.id)!.times
      return times < settings.most && !isQuiet(rules.quiet, alert?.priority ?? undefined, now)
    })
    const dueAt = ({ alert }: Notice) => this.#said.get(alert!.id)!.at + repeat
    const due = open
      .filter((notice) => dueAt(notice) <= now)
      .toSorted((p, q) => (p.alert!.priority ?? 5) - (q.alert!.priority ?? 5))
    const [first] = due
    if (first !== undefined) {
      await this.#say(first, this.#stop.signal)
      return BREATH_MS
    }
    return Math.max(BREATH_MS, Math.min(repeat, ...open.map((notice) => dueAt(notice) - now)))
  }
}

/** These ask somebody to act. */
const CALLING: ReadonlySet<Notice['kind']> = new Set(['new', 'escalated', 'reopened'])
