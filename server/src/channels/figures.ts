import type { Metrics } from '@vedette/shared/metrics'
import { Counter, Gauge } from 'prom-client'
import type { NoticeStore } from '../store/notices.ts'
import { CHANNEL_KINDS, type ChannelKind } from './channel.ts'
import type { Delivered } from './notice.ts'

/** What channels were told, and what they are still to be told. */
export class ChannelFigures {
  readonly #told: Counter<'kind' | 'done'>

  constructor(
    metrics: Metrics,
    notices: Pick<NoticeStore, 'counts'>,
    kindOf: (channel: string) => ChannelKind | undefined,
  ) {
    const registers = [metrics]
    this.#told = new Counter({
      name: 'vedette_channel_notices_total',
      help: 'Notices by kind of channel and what came of the attempt: sent, retry, dead, stale.',
      labelNames: ['kind', 'done'],
      registers,
    })
    new Gauge({
      name: 'vedette_channel_notices',
      help: 'Notices that wait, and those that could not be told, by kind of channel.',
      labelNames: ['kind', 'state'] as const,
      registers,
      async collect() {
        this.reset()
        for (const kind of CHANNEL_KINDS) {
          for (const state of ['waiting', 'dead']) this.set({ kind, state }, 0)
        }
        for (const { channelId, state, notices: count } of await notices.counts()) {
          const kind = kindOf(channelId)
          if (kind !== undefined) this.inc({ kind, state }, count)
        }
      },
    })
  }

  count(kind: ChannelKind, done: Delivered['done'] | 'stale', notices: number): void {
    this.#told.inc({ kind, done }, notices)
  }
}
