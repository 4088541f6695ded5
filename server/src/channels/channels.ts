import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Metrics } from '@vedette/shared/metrics'
import type { Alerts } from '../alerts/alerts.ts'
import type { Cameras } from '../cameras/cameras.ts'
import { type Hand, SERVER_HAND } from '../hand.ts'
import type { Lists } from '../lists/lists.ts'
import type { CutOff, Operators } from '../operators/operators.ts'
import type { NoticeRow } from '../store/notice-rows.ts'
import type { Tally } from '../store/notice-tally.ts'
import type { PushSubscriptionRow } from '../store/push-subscriptions.ts'
import type { Store } from '../store/store.ts'
import { type CarrierParts, openCarrier } from './carriers.ts'
import { type ChannelChange, changedChannel, madeChannel, type NewChannel } from './changing.ts'
import type { Channel } from './channel.ts'
import { composed } from './composing.ts'
import type { ChannelsConfig } from './config.ts'
import { ChannelFigures } from './figures.ts'
import { Lanes } from './lanes.ts'
import type { Delivered, Notice } from './notice.ts'
import { Planner } from './planner.ts'
import type { Resolve } from './reach.ts'
import { type ShownChannel, shown } from './shown.ts'
import { Subscribing } from './subscribing.ts'
import { deliverTest } from './testing.ts'
import { Voice } from './voice.ts'

const KEEP_MS = 31 * 86_400_000
const PRUNE_EVERY_MS = 6 * 3_600_000

export type ChannelsOptions = {
  store: Store
  alerts: Pick<Alerts, 'listen'>
  cameras: Pick<Cameras, 'all' | 'listen'>
  lists: Pick<Lists, 'find'>
  operators: Pick<Operators, 'caller' | 'listen'>
  config: ChannelsConfig
  clock: Clock
  /** Uniform in [0, 1). */
  random: () => number
  log: Log
  metrics: Metrics
  /** Asks where a host is, in place of the system. */
  resolve?: Resolve
}

/** A channel, and how it does. */
export type ChannelStatus = ShownChannel & { tally: Tally }
/** The channel, and what its other end must know to check what comes: told this once. */
export type ChannelAdded = ChannelStatus & { secret?: string }

/** Tells people and machines outside the desk what happens, and takes it back where it is taken back. */
export class Channels {
  readonly subscribing: Subscribing
  readonly voice: Voice
  readonly #options: ChannelsOptions
  readonly #parts: CarrierParts
  readonly #planner: Planner
  readonly #lanes: Lanes
  readonly #unlisten: () => void
  #all: Channel[]
  #pruning: { cancel(): void } | undefined
  #turn: Promise<unknown> = Promise.resolve()

  static async open(options: ChannelsOptions): Promise<Channels> {
    return new Channels(options, await options.store.channels.all())
  }

  private constructor(options: ChannelsOptions, all: Channel[]) {
    const { store, alerts, cameras, lists, operators, config, clock, random, log, metrics } =
      options
    this.#options = options
    this.#all = all
    this.subscribing = new Subscribing({
      store: store.pushSubscriptions,
      channels: () => this.#all,
      now: () => clock.now(),
    })
    this.voice = new Voice(config.speech.program)
    this.#parts = {
      reach: config,
      resolve: options.resolve,
      link: config.link,
      programs: config.speech,
      subscriptions: store.pushSubscriptions,
      onGone: async (id) => {
        await this.subscribing.remove((one) => one.id === id, SERVER_HAND, 'gone')
      },
      unanswered: (channel) => this.#unanswered(channel),
      ...{ alerts, cameras, clock, log },
    }
    this.#lanes = new Lanes({
      ...{ notices: store.notices, clock, random, log },
      open: (channel) => openCarrier(channel, this.#parts),
      compose: (row, rules) => composed(row, rules, options),
      figures: new ChannelFigures(
        metrics,
        store.notices,
        (id) => this.#all.find((one) => one.id === id)?.kind,
      ),
    })
    this.#lanes.begin(all)
    this.#unlisten = operators.listen((name, kind) => void this.#checkSubscribers(name, kind))
    this.#planner = new Planner({
      ...{ store, lists, alerts, cameras, clock, log },
      channels: () => this.#all.filter(({ on }) => on),
      caller: (name) => this.#caller(name),
      onPlanned: () => this.#lanes.wake(),
    })
    this.#prune()
  }

  /** Oldest first. */
  async all(): Promise<ChannelStatus[]> {
    return Promise.all(this.#all.map((channel) => this.#status(channel)))
  }

  /** Throws Refusal `channel.not-found`. */
  async get(id: string): Promise<ChannelStatus> {
    return this.#status(await this.#options.store.channels.get(id))
  }

  /** Throws Refusal `channel.invalid`, `channel.too-many`. */
  add(said: NewChannel, hand: Hand): Promise<ChannelAdded> {
    return this.#alone(async () => {
      const { store, clock, log } = this.#options
      const at = clock.now()
      const channel = madeChannel(said, at, hand.by)
      await store.channels.add(channel, { hand, at })
      await this.#refresh()
      const { kind } = channel
      log.info({ channel: channel.id, kind, by: hand.by }, 'channel.added')
      const status = await this.#status(channel)
      return channel.kind === 'webhook' ? { ...status, secret: channel.settings.secret } : status
    })
  }

  /** Throws Refusal `channel.not-found`, `channel.invalid`. */
  change(id: string, change: ChannelChange, hand: Hand): Promise<ChannelAdded> {
    return this.#alone(async () => {
      const { store, clock, log } = this.#options
      const merge = (channel: Channel) => changedChannel(channel, change)
      const { after } = await store.channels.change(id, merge, { hand, at: clock.now() })
      await this.#refresh()
      log.info({ channel: id, by: hand.by, version: after.version }, 'channel.changed')
      const status = await this.#status(after)
      const secret =
        change.newSecret && after.kind === 'webhook' ? after.settings.secret : undefined
      return secret === undefined ? status : { ...status, secret }
    })
  }

  /** Throws Refusal `channel.not-found`. */
  remove(id: string, hand: Hand): Promise<void> {
    return this.#alone(async () => {
      const { store, clock, log } = this.#options
      await store.channels.remove(id, { hand, at: clock.now() })
      await this.#refresh()
      log.info({ channel: id, by: hand.by }, 'channel.removed')
    })
  }

  /** Tells it now that this is a test, past all that waits; gives what came of it. */
  async test(id: string, operator: string): Promise<Delivered> {
    const { store, clock } = this.#options
    const channel = await store.channels.get(id)
    const own = channel.kind === 'push' ? await this.subscribing.of(operator) : undefined
    if (own?.length === 0) {
      const said = 'no device of yours is told: switch it on under Profile on that device'
      return { done: 'dead', code: 'push.gone', said }
    }
    const recipients = own?.map((one) => one.id) ?? [null]
    const lane = this.#lanes.of(id)
    const carrier = lane?.carrier ?? openCarrier(channel, this.#parts)
    try {
      const { notices } = store
      return await deliverTest({ channel: id, carrier, recipients, notices, clock })
    } finally {
      if (lane === undefined) await carrier[Symbol.asyncDispose]()
    }
  }

  /** What could not be told is tried again; gives how many. Throws Refusal `channel.not-found`. */
  async revive(id: string, notices: readonly string[] | undefined, hand: Hand): Promise<number> {
    const { store, clock } = this.#options
    const revived = await store.notices.revive(id, notices, { hand, at: clock.now() })
    this.#lanes.of(id)?.hurry()
    return revived
  }

  /** Somebody has signed out: that browser of theirs, or all of them, is told nothing any more. */
  async signedOut(operator: string, device: string | undefined, hand: Hand): Promise<void> {
    const theirs = (one: PushSubscriptionRow) =>
      one.operator === operator && (device === undefined || one.device === device)
    await this.subscribing.remove(theirs, hand, 'signed out')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlisten()
    this.#pruning?.cancel()
    await this.#planner[Symbol.asyncDispose]()
    await this.#turn
    await this.#lanes[Symbol.asyncDispose]()
    await this.voice[Symbol.asyncDispose]()
  }

  async #status(channel: Channel): Promise<ChannelStatus> {
    return { ...shown(channel), tally: await this.#options.store.notices.tally(channel.id) }
  }

  async #refresh(): Promise<void> {
    this.#all = await this.#options.store.channels.all()
    await this.#lanes.follow(this.#all)
  }

  async #unanswered(channel: Channel): Promise<Notice[]> {
    const rows = await this.#options.store.notices.unanswered(channel.id)
    const newest = new Map<string, NoticeRow>()
    for (const row of rows) {
      if (row.alertId !== null && !newest.has(row.alertId)) newest.set(row.alertId, row)
    }
    const made = await Promise.all(
      [...newest.values()].map((row) => composed(row, channel.rules, this.#options)),
    )
    return made.filter((one) => one !== undefined)
  }

  /** Whoever has no account any more is told nothing, nor are devices of before another password. */
  async #checkSubscribers(name: string, kind: Parameters<CutOff>[1]): Promise<void> {
    const isNew = kind === 'operator.password'
    if (!isNew && this.#caller(name) !== undefined) return
    try {
      const why = isNew ? 'another password' : 'account disabled'
      await this.subscribing.remove((one) => one.operator === name, SERVER_HAND, why)
    } catch (error) {
      const told = { operator: name, code: codeOf(error), message: messageOf(error) }
      this.#options.log.error(told, 'push.unremoved')
    }
  }

  #caller(name: string) {
    try {
      return this.#options.operators.caller(name)
    } catch {
      return undefined
    }
  }

  #prune(): void {
    const { store, clock, log } = this.#options
    store.notices.prune(clock.now() - KEEP_MS).catch((error: unknown) => {
      log.warn({ code: codeOf(error), message: messageOf(error) }, 'notices.unpruned')
    })
    this.#pruning = clock.after(PRUNE_EVERY_MS, () => this.#prune())
  }

  /** Changes of channels are made one after the other. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => {})
    return mine
  }
}
