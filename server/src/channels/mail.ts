import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { codeOf, Fault } from '@vedette/shared/errors'
import nodemailer from 'nodemailer'
import type { ChannelOf, Rules } from './channel.ts'
import { type Carrier, type Delivered, dead, type Notice, retry } from './notice.ts'
import { type Ends, saidOf } from './post.ts'
import { isLoopback, reachable } from './reach.ts'
import { headline, sentences, WORDS } from './words.ts'

const PATIENCE_MS = 20_000
const MOST_TOGETHER = 100
const DAY_MS = 86_400_000

export type MailEnds = Ends & {
  /** Where the console is, for a link; undefined: none is given. */
  link: string | undefined
}

/** Tells people by e-mail: at once, and what comes soon after in one mail. */
export class Mail implements Carrier {
  readonly batch = MOST_TOGETHER
  readonly parallel = 1
  readonly apart: number
  readonly patience = 3 * DAY_MS
  readonly urgentFirst = false
  readonly #channel: ChannelOf<'mail'>
  readonly #ends: MailEnds

  constructor(channel: ChannelOf<'mail'>, ends: MailEnds) {
    this.#channel = channel
    this.#ends = ends
    this.apart = channel.settings.apart
  }

  async deliver(notices: readonly Notice[], signal: AbortSignal): Promise<Delivered> {
    const { host, port, security, ca, username, password, from, to } = this.#channel.settings
    if (security === 'none' && !isLoopback(host)) {
      return dead('channel.insecure', 'mail goes unencrypted to this machine alone')
    }
    let end = () => {}
    try {
      const { address } = await reachable(host, this.#ends.reach, this.#ends.resolve)
      signal.throwIfAborted()
      const transport = nodemailer.createTransport({
        ...{ host: address, port },
        secure: security === 'tls',
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
        tls: {
          minVersion: 'TLSv1.2',
          ...(isIP(host) === 0 && { servername: host }),
          ...(ca !== null && { ca }),
        },
        ...(username !== null && { auth: { user: username, pass: password ?? '' } }),
        connectionTimeout: PATIENCE_MS,
        greetingTimeout: PATIENCE_MS,
        socketTimeout: PATIENCE_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      end = () => transport.close()
      signal.addEventListener('abort', end, { once: true })
      const { response } = await transport.sendMail({
        ...{ from, to },
        ...composeMail(notices, this.#channel.rules, this.#ends.link),
      })
      return { done: 'sent', said: String(response).slice(0, 200) }
    } catch (error) {
      return judged(error)
    } finally {
      signal.removeEventListener('abort', end)
      end()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** One mail about all of `notices`: one by itself has its picture, and is in one thread with its alert. */
export function composeMail(
  notices: readonly Notice[],
  { language }: Pick<Rules, 'language'>,
  link: string | undefined,
) {
  const words = WORDS[language]
  const [first] = notices
  const alone = notices.length === 1
  const thread = alone && first?.alert !== undefined ? threadOf(first.alert.id) : undefined
  const parts = notices.map((notice) => {
    const time = `${new Date(notice.at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
    const open = link && notice.alert && `${words.open}: ${link}/alerts?id=${notice.alert.id}`
    return [`${time}`, ...sentences(notice, language), ...(open ? [open] : [])].join('\n')
  })
  const urgent = notices.some(({ kind, alert }) => kind === 'new' && alert?.priority === 1)
  const pictures = notices.flatMap(({ picture, alert }) =>
    picture === undefined || alert === undefined
      ? []
      : [{ filename: `${alert.id}.jpg`, content: picture, contentType: 'image/jpeg' }],
  )
  return {
    subject: alone ? headline(first!, language) : `Vedette: ${words.several(notices.length)}`,
    text: `${parts.join('\n\n')}\n`,
    messageId: threadOf(notices.map(({ id }) => id).join()),
    ...(thread !== undefined && { references: [thread], inReplyTo: thread }),
    headers: { 'auto-submitted': 'auto-generated' },
    ...(urgent && { priority: 'high' as const }),
    attachments: pictures,
  }
}

function threadOf(text: string): string {
  return `<${createHash('sha256').update(text).digest('hex').slice(0, 32)}@vedette>`
}

/** What a server of mail refuses for good is dead; who could not be told who we are is mended by a person. */
function judged(error: unknown): Delivered {
  if (error instanceof Fault && !error.retryable) {
    return dead(error.code, `${error.message}; ${error.hint ?? ''}`)
  }
  const status = error instanceof Error && 'responseCode' in error ? error.responseCode : undefined
  const said = saidOf(error)
  if (typeof status !== 'number') return retry(codeOf(error), said)
  if (codeOf(error) === 'EAUTH') return retry('smtp.auth', said)
  return status >= 500 ? dead(`smtp.${status}`, said) : retry(`smtp.${status}`, said)
}
