import { randomBytes } from 'node:crypto'
import { Refusal } from '@vedette/shared/errors'
import webPush from 'web-push'
import { z } from 'zod'
import type { Channel, ChannelKind, Settings } from './channel.ts'
import { isLoopback } from './reach.ts'

/** Bytes of the secret that a webhook is signed with. Source: Standard Webhooks, 24 to 64. */
const SECRET_BYTES = 32
const SECRET_PREFIX = 'whsec_'

const line = z
  .string()
  .max(300)
  .regex(/^[^\p{Cc}]*$/u, 'one line of text')
const certificate = z
  .string()
  .max(20_000)
  .includes('-----BEGIN CERTIFICATE-----', { message: 'expected a certificate in PEM' })
  .nullable()
const address = z.email()
const topic = z
  .string()
  .max(100)
  .regex(/^[\w-]+(\/[\w-]+)*$/, 'write it like vedette, or house/vedette')
const login = { username: line.nullable(), password: z.string().max(500).nullable() }

/** A URL of one of these protocols, with nothing in it that belongs elsewhere. */
function url(...protocols: string[]) {
  return z
    .url()
    .max(2000)
    .refine((text) => protocols.includes(new URL(text).protocol), {
      message: `expected ${protocols.map((one) => `${one}//`).join(' or ')}`,
    })
    .refine((text) => new URL(text).username === '' && new URL(text).password === '', {
      message: 'no name and no password in the address',
    })
    .refine((text) => new URL(text).hash === '', { message: 'no #… in the address' })
}

const SCHEMAS = {
  webhook: z.strictObject({
    url: url('https:', 'http:'),
    ca: certificate.default(null),
  }),
  mqtt: z.strictObject({
    url: url('mqtts:', 'mqtt:'),
    ca: certificate.default(null),
    username: login.username.default(null),
    password: login.password.default(null),
    topic: topic.default('vedette'),
    discovery: topic.nullable().default('homeassistant'),
  }),
  mail: z.strictObject({
    host: z
      .string()
      .max(253)
      .regex(/^[\w.:-]+$/, 'expected the name of a host'),
    port: z.number().int().min(1).max(65_535).default(587),
    security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    ca: certificate.default(null),
    username: login.username.default(null),
    password: login.password.default(null),
    from: address,
    to: z.array(address).min(1).max(50),
    apart: z.number().int().min(0).max(3_600_000).default(30_000),
  }),
  speech: z.strictObject({
    speed: z.number().int().min(80).max(300).default(150),
    repeat: z.number().int().min(5000).max(3_600_000).nullable().default(30_000),
    most: z.number().int().min(1).max(1000).default(20),
  }),
  push: z.strictObject({
    subject: z.union([
      z.string().startsWith('mailto:').pipe(line),
      url('https:').transform((text) => text),
    ]),
  }),
} as const

/** Where a stored password would go with a change of these. */
const ENDS = ['url', 'host', 'port', 'security', 'ca', 'username'] as const

/** What a person says of a new channel, with the secrets that are made for it. Throws Refusal. */
export function newSettings<K extends ChannelKind>(kind: K, said: unknown): Settings[K] {
  return { ...checked(kind, said), ...madeFor(kind) } as Settings[K]
}

/**
 * The same of one that there is; what is not said stays. A password does not follow to another host
 * unsaid: else whoever may change a channel could have it sent to themselves. Throws Refusal
 * `channel.invalid`.
 */
export function changedSettings(channel: Channel, said: Readonly<Record<string, unknown>>) {
  const { kind } = channel
  const before: Record<string, unknown> = { ...channel.settings }
  const made = Object.keys(madeFor(kind)).map((name) => [name, before[name]] as const)
  const known = Object.entries(before).filter(([name]) => !made.some(([own]) => own === name))
  const after = checked(kind, { ...Object.fromEntries(known), ...said })
  const moved = ENDS.some((name) => name in after && after[name] !== before[name])
  if (moved && before.password && !('password' in said)) {
    throw new Refusal(
      'channel.invalid',
      'where it goes to is changed, and its password is not said',
      {
        hint: 'give the password again: it is not sent to another place by itself',
      },
    )
  }
  return { ...after, ...Object.fromEntries(made) }
}

/** A new secret for a webhook, as the other end is to have it. */
export function newSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`
}

function madeFor(kind: ChannelKind): Record<string, string> {
  if (kind === 'webhook') return { secret: newSecret() }
  if (kind === 'push') return { ...webPush.generateVAPIDKeys() }
  return {}
}

function checked(kind: ChannelKind, said: unknown): Record<string, unknown> {
  const parsed = SCHEMAS[kind].safeParse(said)
  if (parsed.success) {
    if (isSecret(parsed.data)) return parsed.data
    throw new Refusal('channel.invalid', 'settings: what goes beyond this machine is encrypted', {
      hint: 'https, mqtts, starttls or tls; without only to localhost',
    })
  }
  const [issue] = parsed.error.issues
  const where = ['settings', ...(issue?.path ?? [])].join('.')
  throw new Refusal('channel.invalid', `${where}: ${issue?.message}`, {
    hint: `what a ${kind} needs: vedette channels add --help`,
  })
}

/** Nothing goes unencrypted but to this machine. */
function isSecret(settings: object): boolean {
  const { url, host, security } = settings as { url?: string; host?: string; security?: string }
  if (url !== undefined && /^(http|mqtt):/.test(url)) return isLoopback(new URL(url).hostname)
  return security !== 'none' || isLoopback(host ?? '')
}
