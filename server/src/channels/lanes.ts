import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import type { NoticeRow } from '../store/notice-rows.ts'
import type { NoticeStore } from '../store/notices.ts'
import type { Channel, Rules } from './channel.ts'
import type { ChannelFigures } from './figures.ts'
import { Lane } from './lane.ts'
import type { Carrier, Notice } from './notice.ts'

export type LanesOptions = {
  notices: NoticeStore
  open: (channel: Channel) => Carrier
  compose: (row: NoticeRow, rules: Rules) => Promise<Notice | undefined>
  figures: ChannelFigures
  clock: Clock
  /** Uniform in [0, 1). */
  random: () => number
  log: Log
}

/** A lane for every channel that is on. */
export class Lanes {
  readonly #options: LanesOptions
  readonly #all = new Map<string, Lane>()

  constructor(options: LanesOptions) {
    this.#options = options
  }

  of(channel: string): Lane | undefined {
    return this.#all.get(channel)
  }

  /** There is something new for any of them. */
  wake(): void {
    for (const lane of this.#all.values()) lane.wake()
  }

  /** Begins what is on and has none yet. */
  begin(channels: readonly Channel[]): void {
    const { notices, open, compose, figures, clock, random, log } = this.#options
    for (const channel of channels) {
      if (!channel.on || this.#all.has(channel.id)) continue
      const lane = new Lane({
        ...{ channel, notices, clock, random, log },
        carrier: open(channel),
        compose: (row) => compose(row, channel.rules),
        onDone: (done, count) => figures.count(channel.kind, done, count),
      })
      this.#all.set(channel.id, lane)
    }
  }

  /** These are the channels now: those that are gone, off or changed end, and others begin. */
  async follow(channels: readonly Channel[]): Promise<void> {
    const on = new Map(channels.filter((one) => one.on).map((one) => [one.id, one]))
    for (const [id, lane] of this.#all) {
      if (on.get(id)?.version === lane.channel.version) continue
      this.#all.delete(id)
      await lane[Symbol.asyncDispose]()
    }
    this.begin(channels)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all.values()].map((lane) => lane[Symbol.asyncDispose]()))
  }
}
