import { createHash, createHmac } from 'node:crypto'

const PREFIX = 'whsec_'

/**
 * Headers that tell whoever gets a webhook by whom it was sent, when, and that nothing was changed.
 * Source: Standard Webhooks 1.0.0, https://www.standardwebhooks.com
 */
export function signed(
  secret: string,
  { id, at, body }: { id: string; at: number; body: string },
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(Math.floor(at / 1000))
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` }
}

/** One name for several that go together: the same each time they do. */
export function idOf(ids: readonly string[]): string {
  const [only] = ids
  if (only !== undefined && ids.length === 1) return only
  return `several_${createHash('sha256').update(ids.join()).digest('base64url')}`
}
