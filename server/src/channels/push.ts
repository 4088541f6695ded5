import { createHash } from 'node:crypto'
import webPush from 'web-push'
import type { PushSubscriptionStore } from '../store/push-subscriptions.ts'
import type { ChannelOf } from './channel.ts'
import { type Carrier, type Delivered, dead, type Notice } from './notice.ts'
import { type Ends, post } from './post.ts'
import { headline, sentences } from './words.ts'

const HOUR_MS = 3_600_000
/** A push service keeps what it could not pass on for so long, seconds. */
const KEPT_S = 3600

/** What a device is told; it shows it as it is. */
export type PushMessage = {
  title: string
  body: string
  /** The same of all that is about one alert or camera: the newer takes the place of the older. */
  tag: string
  /** Where a click leads. */
  path: string
  /** Stays until somebody has seen it. */
  stays: boolean
  at: number
}

export type PushEnds = Ends & {
  subscriptions: Pick<PushSubscriptionStore, 'all'>
  /** The push service says that the device is gone. */
  onGone: (subscription: string) => Promise<void>
}

/** Tells browsers on people's devices, through the push service of each, encrypted for the device. */
export class Push implements Carrier {
  readonly batch = 1
  readonly parallel = 8
  readonly apart = 0
  readonly patience = HOUR_MS
  readonly urgentFirst = true
  readonly #channel: ChannelOf<'push'>
  readonly #ends: PushEnds

  constructor(channel: ChannelOf<'push'>, ends: PushEnds) {
    this.#channel = channel
    this.#ends = ends
  }

  async deliver([notice]: readonly Notice[], signal: AbortSignal): Promise<Delivered> {
    const { id: channelId, settings, rules } = this.#channel
    const known = await this.#ends.subscriptions.all({ channelId })
    const to = known.find(({ id }) => id === notice?.recipient)
    if (notice === undefined || to === undefined)
      return dead('push.gone', 'no such device any more')
    const message = pushMessage(notice, rules.language)
    const { endpoint, headers, body } = webPush.generateRequestDetails(
      to.end,
      JSON.stringify(message),
      {
        vapidDetails: settings,
        TTL: KEPT_S,
        urgency: message.stays ? 'high' : 'normal',
        // A newer one about the same replaces this one at the push service, too. Source: RFC 8030, 5.4.
        topic: createHash('sha256').update(message.tag).digest('base64url').slice(0, 32),
      },
    )
    const plain = Object.entries(headers).map(([name, value]) => [name, String(value)])
    const posted = { url: endpoint, headers: Object.fromEntries(plain), body: body ?? '' }
    const delivered = await post(posted, this.#ends, signal)
    if (delivered.done === 'dead' && GONE.has(delivered.code)) await this.#ends.onGone(to.id)
    return delivered
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Source: RFC 8030, 7.3. */
const GONE = new Set(['http.404', 'http.410'])

export function pushMessage(notice: Notice, language: 'en' | 'de'): PushMessage {
  const { alert, camera, kind, at } = notice
  const [title = '', ...more] = sentences(notice, language)
  const what = alert?.id ?? (camera ? `${camera.agent}/${camera.camera}` : notice.id)
  return {
    title: alert === undefined && camera === undefined ? headline(notice, language) : title,
    body: alert === undefined && camera === undefined ? title : more.join('. '),
    tag: what,
    path: alert ? `/alerts?id=${encodeURIComponent(alert.id)}` : camera ? '/fleet' : '/channels',
    stays: kind === 'new' || kind === 'escalated' || kind === 'reopened',
    at,
  }
}
