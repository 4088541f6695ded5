import { z } from 'zod'
import { bytes, count, label } from './fields.ts'

/** agent → server: a certificate for a new key, please, in the place of the one shown here. */
export const renew = z.strictObject({
  type: z.literal('renew'),
  /** PKCS#10, PEM. */
  request: z.string().min(1).max(1024),
})

/** server → agent, answer to renew: PEM, the leaf and then its authority. */
export const renewed = z.strictObject({ type: z.literal('renewed'), chain: bytes })

/** server → agent, answer to renew: not so; the code says why. */
export const unrenewed = z.strictObject({ type: z.literal('unrenewed'), code: label })

/** server → agent: the authority of your certificate is on its way out; renew within so many ms. */
export const stale = z.strictObject({ type: z.literal('stale'), within: count })

/** server → agent: the roots to trust from now on, PEM. */
export const trust = z.strictObject({ type: z.literal('trust'), version: label, roots: bytes })

/** agent → server, answer to trust: they are on my disk. */
export const trusted = z.strictObject({ type: z.literal('trusted'), version: label })
