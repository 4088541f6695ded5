import { z } from 'zod'
import { count, instant, label, sha256 } from './fields.ts'

/** The protocol spoken here. */
export const PROTOCOL = 2

/**
 * Protocols in which a server talks: its own and the one before, so that servers are upgraded first
 * and agents when it suits. A hello of another is refused.
 */
export const SPOKEN: ReadonlySet<number> = new Set([1, 2])

/** From this protocol on an agent knows `busy` and `resume`; an older one is read more slowly. */
export const BUSY_SINCE = 2

/** agent → server, first: who I am, which embedding space I speak, which cameras I have. */
export const hello = z.strictObject({
  type: z.literal('hello'),
  protocol: count,
  software: label,
  model: label,
  cameras: z.array(label).max(64),
  announce: z.boolean(),
  /** The agent knows `canary`; others are not asked. */
  canary: z.literal(true).optional(),
  /** The agent knows `watch`: it shows what its cameras see (`on`), or its site forbids it (`off`). */
  live: z.enum(['on', 'off']).optional(),
  sentAt: instant,
  /**
   * Which outbox the numbers of this agent belong to, and the first number of this run of the agent;
   * without it numbers mean nothing beyond the connection.
   */
  outbox: z.strictObject({ stream: label, first: count }).optional(),
  /** What finds faces in its pictures, and the SHA-256 of that model's file. */
  detector: z.strictObject({ id: label, sha256 }).optional(),
  /** Version of the bundle of roots that the agent trusts (trust.ts). */
  trust: label.optional(),
})

/** server → agent, answer to hello: the session is open. */
export const welcome = z.strictObject({
  type: z.literal('welcome'),
  protocol: count,
  session: label,
  heartbeat: count,
  now: instant,
  /** Highest number done with of the hello's outbox, where there is one. */
  done: count.optional(),
})

export type Hello = z.infer<typeof hello>
export type Welcome = z.infer<typeof welcome>
