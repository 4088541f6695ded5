import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Alerts } from '@vedette/server/alerts/alerts'
import { Decisions } from '@vedette/server/alerts/decisions'
import type { CameraChange } from '@vedette/server/cameras/cameras'
import type { CameraStatus } from '@vedette/server/cameras/known'
import type { ChannelKind, Rules } from '@vedette/server/channels/channel'
import {
  type ChannelAdded,
  Channels,
  type ChannelsOptions,
} from '@vedette/server/channels/channels'
import type { ChannelsConfig } from '@vedette/server/channels/config'
import { rulesSchema } from '@vedette/server/channels/rules'
import { Lists } from '@vedette/server/lists/lists'
import { Rejections } from '@vedette/server/matching/rejections'
import { callerOf } from '@vedette/server/operators/caller'
import type { CutOff } from '@vedette/server/operators/operators'
import type { NoticeRow } from '@vedette/server/store/notice-rows'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { createMetrics, type Metrics } from '@vedette/shared/metrics'
import { LogBook } from './server-log.ts'
import { sightingOf } from './server-sightings.ts'
import { HAND, newEntry, newPhoto, TemporaryStore } from './server-store.ts'
import { until } from './until.ts'

export const CHANNELS_CONFIG: ChannelsConfig = {
  private: false,
  loopback: true,
  link: 'https://console.example:8443',
  speech: { program: 'espeak-ng', player: 'aplay', card: false },
}

/** Channels on a real store, with alerts to tell and nobody else. */
export class TestChannels {
  readonly stored: TemporaryStore
  readonly book = new LogBook()
  readonly cameras: TestCameras
  /** Accounts by name; who is not here has none. */
  readonly accounts = new Map<string, { lists: string[] | null }>()
  #channels: Channels | undefined
  #alerts: Alerts | undefined
  #decisions: Decisions | undefined
  #lists: Lists | undefined
  #metrics: Metrics = createMetrics('server')
  #accountChanged: CutOff = () => {}
  readonly #more: Partial<ChannelsOptions>

  static async open(more: Partial<ChannelsOptions> = {}): Promise<TestChannels> {
    const stored = await TemporaryStore.make()
    const made = new TestChannels(stored, more)
    await made.start()
    return made
  }

  private constructor(stored: TemporaryStore, more: Partial<ChannelsOptions>) {
    this.stored = stored
    this.#more = more
    this.cameras = new TestCameras()
  }

  /** Opens them, again after `stop`. */
  async start(): Promise<void> {
    const { store } = this.stored
    const { log } = this.book
    const clock: Clock = this.#more.clock ?? systemClock
    this.#metrics = createMetrics('server')
    this.#alerts = new Alerts({ store: store.alerts, cooldown: 1000, trail: 600_000, clock, log })
    const rejections = await Rejections.open(store.rejections)
    this.#decisions = new Decisions({
      ...{ store: store.decisions, alerts: this.#alerts, rejections, clock },
    })
    this.#lists = await Lists.open({ store: store.lists, clock, log })
    this.#channels = await Channels.open({
      ...{ store, alerts: this.#alerts, lists: this.#lists, cameras: this.cameras },
      operators: {
        caller: (name) => {
          const account = this.accounts.get(name)
          if (account === undefined) throw new TypeError('no account')
          const { lists } = account
          const more = {
            fullName: '',
            hasPassword: true,
            passwordGiven: false,
            createdAt: 0,
            createdBy: 'server',
          }
          const gone = { disabledAt: null, disabledBy: null, seenAt: null }
          return callerOf({ name, role: 'operator', lists, cameras: null, ...more, ...gone })
        },
        listen: (listener) => {
          this.#accountChanged = listener
          return () => {}
        },
      },
      config: CHANNELS_CONFIG,
      // Nothing is waited for.
      random: () => 0,
      metrics: this.#metrics,
      ...{ clock, log },
      ...this.#more,
    })
  }

  async stop(): Promise<void> {
    await this.#channels?.[Symbol.asyncDispose]()
    this.#channels = undefined
  }

  get all(): Channels {
    return this.#channels!
  }

  get alerts(): Alerts {
    return this.#alerts!
  }

  get decisions(): Decisions {
    return this.#decisions!
  }

  get lists(): Lists {
    return this.#lists!
  }

  /** The account is gone, and everybody hears of it. */
  disable(name: string): void {
    this.accounts.delete(name)
    this.#accountChanged(name, 'operator.disabled')
  }

  add(
    kind: ChannelKind,
    settings: Record<string, unknown>,
    rules: Partial<Rules> = {},
  ): Promise<ChannelAdded> {
    const all = rulesSchema.parse(rules)
    return this.all.add({ kind, name: `own ${kind}`, rules: all, settings }, HAND)
  }

  /** Raises an alert about somebody called so; gives the ids of both. */
  async alert(
    name = 'Anna Example',
    more: Parameters<typeof sightingOf>[1] = {},
  ): Promise<{ id: string; entry: string }> {
    const { store } = this.stored
    const list = more.list ?? 'wanted'
    const { entry } = await store.entries.add(newEntry(name, { list }), [newPhoto()])
    await this.alerts.consider(sightingOf(entry.id, more))
    const [alert] = await store.alerts.list({ entry: entry.id, limit: 1 })
    return { id: alert!.id, entry: entry.id }
  }

  /** Notices, oldest first. */
  async notices(channel?: string): Promise<NoticeRow[]> {
    return (await this.stored.store.notices.list({ channel, limit: 500 })).reverse()
  }

  /** Resolves when all that happened is planned, and no notice waits. */
  async settled(): Promise<void> {
    await until(async () => {
      const { notices, alerts, channels } = this.stored.store
      const isTold = (await channels.all()).some(({ on }) => on)
      if (isTold && (await notices.planned()) !== (await alerts.lastChange())) return false
      const counts = await this.stored.store.notices.counts()
      return counts.every(({ state }) => state !== 'waiting')
    })
  }

  async figures(): Promise<string> {
    return this.#metrics.metrics()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.stored[Symbol.asyncDispose]()
  }
}

/** Cameras whose state a test sets. */
class TestCameras {
  readonly #all: CameraStatus[] = []
  readonly #listeners = new Set<(change: CameraChange) => void>()

  all(): CameraStatus[] {
    return this.#all
  }

  listen(listener: (change: CameraChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  set(state: CameraStatus['state'], why: CameraStatus['why'], camera = 'north'): void {
    const status: CameraStatus = {
      ...{ agent: 'gate-7', camera, firstSeen: 0, passedAt: null, latencyMs: null },
      ...{ state, why, connected: true, stateSince: 1_763_650_000_000, missed: 0, troubles: [] },
    }
    const at = this.#all.findIndex((one) => one.camera === camera)
    if (at === -1) this.#all.push(status)
    else this.#all[at] = status
    for (const listener of this.#listeners) listener({ kind: 'camera', camera: status })
  }
}

export type Received = { headers: IncomingMessage['headers']; path: string; body: Buffer }
type Answering = (received: Received, response: ServerResponse) => void | Promise<void>

/** Somebody who is posted to. Answers 204 until told otherwise. */
export class Receiver {
  readonly received: Received[] = []
  readonly #server: Server
  answer: Answering = (_received, response) => void response.writeHead(204).end()

  static async open(): Promise<Receiver> {
    const receiver = new Receiver()
    await new Promise<void>((done) => receiver.#server.listen(0, '127.0.0.1', done))
    return receiver
  }

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { headers, url = '' } = request
      const received = { headers, path: url, body: Buffer.concat(chunks) }
      this.received.push(received)
      await this.answer(received, response)
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Answers the next ones with these, then with 204. */
  next(...statuses: number[]): void {
    this.answer = (_received, response) =>
      void response.writeHead(statuses.shift() ?? 204, { location: `${this.url}/away` }).end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }
}
