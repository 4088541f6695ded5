import { duration } from '@vedette/shared/config'
import { z } from 'zod'

const DAY_MS = 86_400_000
/** Six months, the shortest that logs may be kept: AI Act, Art. 19(1) and 26(6). */
const HALF_YEAR_DAYS = 184
const MONTH_DAYS = 31
const MOST_DAYS = 3660

const period = (least: number, usual: number) =>
  duration
    .refine((ms) => ms >= least * DAY_MS && ms <= MOST_DAYS * DAY_MS, {
      message: `expected ${least}d to ${MOST_DAYS}d`,
    })
    .default(usual * DAY_MS)

/** How long each kind of what is kept is kept, milliseconds. */
export const retention = z.strictObject({
  /** Who did what: the bodies of acts. */
  audit: period(180, 2 * HALF_YEAR_DAYS),
  /** Who looked at what. */
  views: period(180, HALF_YEAR_DAYS),
  /** Resolved alerts with their pictures; those that nobody resolved, twice as long. */
  alerts: period(1 / 24, MONTH_DAYS),
  nearMisses: period(1 / 24, MONTH_DAYS),
  joinAttempts: period(1 / 24, MONTH_DAYS),
  /** What was wrong with cameras, and the pictures of it. */
  troubles: period(1 / 24, MONTH_DAYS),
})

export type RetentionPeriods = z.output<typeof retention>
