import type { Clock } from '@vedette/shared/clock'
import type { ChannelOf } from './channel.ts'
import type { Carrier, Delivered, Notice } from './notice.ts'
import { type Ends, post } from './post.ts'
import { idOf, signed } from './signature.ts'

const MOST_TOGETHER = 50
const DAY_MS = 86_400_000

/** What is posted: `type` is `vedette.notices` always. */
export type WebhookBody = {
  type: 'vedette.notices'
  timestamp: string
  data: { notices: WebhookNotice[] }
}
export type WebhookNotice = Omit<Notice, 'picture' | 'at' | 'recipient'> & {
  at: string
  /** JPEG, base64. */
  picture?: string
}

/** Posts what happened as JSON, signed; what waits together goes together. */
export class Webhook implements Carrier {
  readonly batch = MOST_TOGETHER
  readonly parallel = 1
  readonly apart = 0
  readonly patience = 3 * DAY_MS
  readonly urgentFirst = false
  readonly #channel: ChannelOf<'webhook'>
  readonly #ends: Ends & { clock: Pick<Clock, 'now'> }

  constructor(channel: ChannelOf<'webhook'>, ends: Ends & { clock: Pick<Clock, 'now'> }) {
    this.#channel = channel
    this.#ends = ends
  }

  async deliver(notices: readonly Notice[], signal: AbortSignal): Promise<Delivered> {
    const { url, secret, ca } = this.#channel.settings
    const at = this.#ends.clock.now()
    const body = JSON.stringify({
      type: 'vedette.notices',
      timestamp: new Date(at).toISOString(),
      data: { notices: notices.map(noticeJson) },
    } satisfies WebhookBody)
    const id = idOf(notices.map((notice) => notice.id))
    const headers = { 'content-type': 'application/json', ...signed(secret, { id, at, body }) }
    return post({ url, headers, body, ca }, this.#ends, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function noticeJson({ picture, at, recipient: _, ...notice }: Notice): WebhookNotice {
  const image = picture && { picture: picture.toString('base64') }
  return { ...notice, at: new Date(at).toISOString(), ...image }
}
