import { z } from 'zod'

const most = z.number().int().min(1).max(1_000_000)

/** How much may be enrolled: what floods the list accuses people, however it came about. */
export const enrolmentConfig = z.strictObject({
  limits: z
    .strictObject({
      /** Enrolments of one operator. */
      minute: most.default(5),
      hour: most.default(60),
      day: most.default(300),
      /** Enrolments of all operators in a minute. */
      everybody: most.default(20),
    })
    .prefault({}),
  /** `off`: an import needs no second person while there is none who could approve it. */
  bulkApproval: z.enum(['on', 'off']).default('on'),
})

export type EnrolmentConfig = z.output<typeof enrolmentConfig>
export type EnrolmentLimits = EnrolmentConfig['limits']
