import { z } from 'zod'
import { count } from './fields.ts'

/** Why an end says goodbye. */
export const GOODBYE_REASONS = [
  'shutdown',
  'protocol',
  'version',
  'model',
  'identity',
  'revoked',
  'expired',
  'replaced',
  'renewed',
  'silent',
  'slow',
  'flapping',
  'full',
  'internal',
  'clock',
] as const
export type GoodbyeReason = (typeof GOODBYE_REASONS)[number]

/** After these a person must act: dialling again would only be refused again. */
export const REDIAL_FORBIDDEN: ReadonlySet<GoodbyeReason> = new Set([
  'version',
  'model',
  'revoked',
  'expired',
])

/** After these the wait before dialling again is long: what is wrong is not mended in seconds. */
export const REDIAL_SLOWLY: ReadonlySet<GoodbyeReason> = new Set(['clock'])

/** Either way: the talk is over. */
export const goodbye = z.strictObject({
  type: z.literal('goodbye'),
  reason: z.enum(GOODBYE_REASONS),
  /** Of a server: come back no sooner than so many milliseconds from now. */
  retryAfter: count.optional(),
})

export type Goodbye = z.infer<typeof goodbye>
