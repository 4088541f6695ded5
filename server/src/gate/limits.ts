import { duration } from '@vedette/shared/config'
import { z } from 'zod'

const many = z.number().int().min(1).max(1_000_000)

/** So many at once, and so many in a second from then on. */
const rate = (perSecond: number, burst: number) =>
  z
    .strictObject({
      rate: z.number().positive().max(1e6).default(perSecond),
      burst: many.default(burst),
    })
    .prefault({})

/** What the gate takes, from everybody and from each; `gate.limits` in server.yaml. */
export const gateLimits = z.strictObject({
  /** Connections in all. */
  connections: many.default(600),
  /** Connections of one address; a whole fleet may be behind one. */
  perAddress: many.default(32),
  /** Connections of one agent; the oldest goes when there is one more. */
  perAgent: many.default(2),
  /** Connections that have not become anybody yet. */
  halfOpen: many.default(256),
  /** New connections from everywhere. */
  arrivals: rate(100, 200),
  /** New connections from one address. */
  arrivalsPerAddress: rate(10, 20),
  /** Questions of an agent, for each of its cameras. */
  questions: rate(10, 30),
  /** Questions of one agent that wait or are worked on; with one more it is told to hold back. */
  waiting: many.default(64),
  /** Whoever connects more often than so many times `within` is kept out for `wait`. */
  flapping: z
    .strictObject({
      connections: many.default(15),
      within: duration.default(60_000),
      wait: duration.default(300_000),
    })
    .prefault({}),
})

export type GateLimits = z.output<typeof gateLimits>
export type Rate = GateLimits['arrivals']
