import { Bell } from '@vedette/shared/bell'
import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { NoticeRow } from '../store/notice-rows.ts'
import type { NoticeStore } from '../store/notices.ts'
import { waitAfter } from './backing-off.ts'
import type { Channel } from './channel.ts'
import { nextUp } from './next-up.ts'
import type { Carrier, Delivered, Notice } from './notice.ts'

/** Attempts for one notice. */
const MOST_ATTEMPTS = 600
/** Looked at this often however far the next one is: clocks are set, and machines sleep. */
const LONGEST_MS = 60_000
const STORE_AGAIN_MS = 5000

export type LaneOptions = {
  channel: Channel
  carrier: Carrier
  notices: Pick<NoticeStore, 'waiting' | 'settle' | 'putOff'>
  compose: (row: NoticeRow) => Promise<Notice | undefined>
  onDone: (done: Delivered['done'] | 'stale', notices: number) => void
  clock: Clock
  /** Uniform in [0, 1). */
  random: () => number
  log: Log
}

/**
 * One channel's way from the outbox to its other end. It has a loop of its own: one that is slow or
 * gone keeps nobody waiting but itself.
 */
export class Lane {
  readonly #options: LaneOptions
  readonly #bell = new Bell()
  readonly #stop = new AbortController()
  readonly #working: Promise<void>
  #timer: Timer | undefined
  #failures = 0
  #notBefore = 0

  constructor(options: LaneOptions) {
    this.#options = options
    this.#working = this.#work()
  }

  get channel(): Channel {
    return this.#options.channel
  }

  get carrier(): Carrier {
    return this.#options.carrier
  }

  /** There is something new. */
  wake(): void {
    this.#bell.ring()
  }

  /** A person says that it works again: the next attempt is made at once. */
  hurry(): void {
    this.#failures = 0
    this.#notBefore = 0
    this.#bell.ring()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the channel is closed'))
    this.#bell.ring()
    await this.#working
    this.#timer?.cancel()
    await this.#options.carrier[Symbol.asyncDispose]()
  }

  async #work(): Promise<void> {
    const { clock, channel, log } = this.#options
    while (!this.#stop.signal.aborted) {
      let wait = STORE_AGAIN_MS
      try {
        wait = await this.#tell()
      } catch (error) {
        const told = { channel: channel.id, code: codeOf(error), message: messageOf(error) }
        log.error(told, 'channel.waiting')
      }
      this.#timer?.cancel()
      this.#timer = clock.after(Math.min(wait, LONGEST_MS), () => this.#bell.ring())
      if (!this.#stop.signal.aborted) await this.#bell.wait()
    }
  }

  /** Tells all that can be told now; gives the milliseconds until there may be more. */
  async #tell(): Promise<number> {
    const { channel, carrier, notices, clock } = this.#options
    while (!this.#stop.signal.aborted) {
      const now = clock.now()
      if (now < this.#notBefore) return this.#notBefore - now
      const waiting = await this.#fresh(await notices.waiting(channel.id), now)
      const { groups, soonest } = nextUp(waiting, carrier, now)
      if (groups.length === 0) return soonest - now
      await Promise.all(groups.map((rows) => this.#attempt(rows)))
    }
    return 0
  }

  /** Without those that are not worth telling any more. */
  async #fresh(waiting: NoticeRow[], now: number): Promise<NoticeRow[]> {
    const { patience } = this.#options.carrier
    const old = waiting.filter(({ since }) => now - since > patience)
    if (old.length === 0) return waiting
    const why = old.find(({ said }) => said !== null)?.said
    const said = `it could not be told in time${why ? `: ${why}` : ''}`
    await this.#settle(old, { done: 'dead', code: 'channel.expired', said })
    return waiting.filter((row) => !old.includes(row))
  }

  async #attempt(rows: readonly NoticeRow[]): Promise<Delivered['done'] | undefined> {
    const { carrier, compose, notices, clock, onDone } = this.#options
    const made = await Promise.all(rows.map(async (row) => ({ row, notice: await compose(row) })))
    const gone = made.filter(({ notice }) => notice === undefined).map(({ row }) => row)
    if (gone.length > 0) {
      const said = 'what it was about is gone'
      const seqs = gone.map(({ seq }) => seq)
      await notices.settle(seqs, { state: 'stale', at: clock.now(), code: null, said })
      onDone('stale', gone.length)
    }
    const told = made.filter((one) => one.notice !== undefined)
    if (told.length === 0) return undefined
    const list = told.map(({ notice }) => notice!)
    const delivered = await unless(this.#stop.signal, carrier.deliver(list, this.#stop.signal))
    if (delivered === undefined) return undefined
    if (this.#stop.signal.aborted && delivered.done !== 'sent') return undefined
    const own = told.map(({ row }) => row)
    // One that is refused must not take the others along.
    if (delivered.done === 'dead' && own.length > 1) {
      for (const row of own) {
        // What comes behind it waits as well: the order is kept.
        if ((await this.#attempt([row])) === 'retry') break
      }
      return undefined
    }
    await this.#settle(own, delivered)
    return delivered.done
  }

  async #settle(rows: readonly NoticeRow[], delivered: Delivered): Promise<void> {
    const { channel, carrier, notices, clock, random, onDone, log } = this.#options
    const at = clock.now()
    const { said } = delivered
    const code = delivered.done === 'sent' ? null : delivered.code
    const attempts = Math.max(...rows.map((row) => row.attempts)) + 1
    onDone(delivered.done, rows.length)
    if (delivered.done === 'retry' && attempts < MOST_ATTEMPTS) {
      this.#failures++
      const { after = 0 } = delivered
      const alone = at + Math.max(after, waitAfter(attempts, random))
      const seqs = rows.map(({ seq }) => seq)
      await notices.putOff(seqs, { notBefore: alone, code: code ?? '', said })
      // Where there is one end, all that is for it would fail alike.
      if (carrier.parallel === 1) {
        this.#notBefore = at + Math.max(after, waitAfter(this.#failures, random))
      }
      if (this.#failures === 1) log.warn({ channel: channel.id, code, said }, 'channel.failing')
      return
    }
    const state = delivered.done === 'sent' ? 'sent' : 'dead'
    if (state === 'dead') log.error({ channel: channel.id, code, said }, 'channel.dead')
    else if (this.#failures > 0) log.info({ channel: channel.id }, 'channel.working')
    this.#failures = 0
    if (delivered.done === 'sent') this.#notBefore = at + carrier.apart
    const settled = { state, at, code, said } as const
    await notices.settle(
      rows.map(({ seq }) => seq),
      settled,
    )
  }
}

/** Undefined as soon as the signal aborts, however long `work` goes on: some of it cannot be ended. */
function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const give = () => resolve(undefined)
    signal.addEventListener('abort', give, { once: true })
    if (signal.aborted) give()
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give))
  })
}
