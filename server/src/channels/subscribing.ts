import { Refusal } from '@vedette/shared/errors'
import { v7 as newId } from 'uuid'
import { z } from 'zod'
import type { Hand } from '../hand.ts'
import type { PushSubscriptionRow, PushSubscriptionStore } from '../store/push-subscriptions.ts'
import type { Channel, ChannelOf } from './channel.ts'
import { isLoopback } from './reach.ts'

/** Devices of one person that are told. */
const MOST_EACH = 10

const key = (bytes: number) =>
  z
    .string()
    .max(200)
    .regex(/^[\w-]+=*$/, 'expected base64url')
    .refine((text) => Buffer.from(text, 'base64url').length === bytes, `expected ${bytes} bytes`)

/** What a browser says of where it wants to be told. Source: W3C Push API, RFC 8291. */
export const pushEnd = z.object({
  endpoint: z
    .url({ protocol: /^https?$/ })
    .max(1000)
    .refine(isSafe, 'expected https'),
  keys: z.object({ p256dh: key(65), auth: key(16) }),
})

export type Subscriber = { operator: string; device: string; hand: Hand }

export type SubscribingOptions = {
  store: PushSubscriptionStore
  channels: () => readonly Channel[]
  now: () => number
}

/** Who is told on which of their devices. */
export class Subscribing {
  readonly #options: SubscribingOptions

  constructor(options: SubscribingOptions) {
    this.#options = options
  }

  /** By what browsers are to ask their push services; undefined: nobody is told that way. */
  get channel(): ChannelOf<'push'> | undefined {
    const found = this.#options.channels().find(({ kind, on }) => kind === 'push' && on)
    return found?.kind === 'push' ? found : undefined
  }

  of(operator: string): Promise<PushSubscriptionRow[]> {
    return this.#options.store.all({ operator })
  }

  /** Throws Refusal `channel.off`, `channel.too-many`. */
  async add(end: z.output<typeof pushEnd>, { operator, device, hand }: Subscriber) {
    const { store, now } = this.#options
    const { channel } = this
    if (channel === undefined) {
      throw new Refusal('channel.off', 'nobody is told on devices here', {
        hint: 'an admin adds such a channel: vedette channels add push --subject mailto:…',
      })
    }
    const all = await store.all()
    // A device that somebody else used before is theirs now.
    const former = all.filter((one) => one.end.endpoint === end.endpoint)
    const own = all.filter((one) => one.operator === operator && !former.includes(one))
    if (own.length >= MOST_EACH) {
      throw new Refusal('channel.too-many', `${own.length} devices are told already`, {
        hint: 'take one out under Profile first',
        params: { devices: own.length },
      })
    }
    const at = now()
    const row = { id: newId(), channelId: channel.id, operator, device, end, createdAt: at }
    const ids = former.map(({ id }) => id)
    await store.add(row, ids, { hand, at })
    return row
  }

  /** Gives whether there was any. */
  async remove(
    which: (row: PushSubscriptionRow) => boolean,
    hand: Hand,
    why: string,
  ): Promise<boolean> {
    const { store, now } = this.#options
    const ids = (await store.all()).filter(which).map(({ id }) => id)
    return store.remove(ids, { hand, at: now() }, why)
  }
}

function isSafe(text: string): boolean {
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || isLoopback(hostname)
}
