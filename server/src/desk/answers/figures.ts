import { z } from 'zod'
import type { Account } from '../../report/account.ts'
import type { Observed } from '../answered/figures.ts'
import { ofRelied } from './cameras.ts'
import {
  count,
  exactly,
  number,
  numberOrNull,
  ofCamera,
  span,
  text,
  time,
  timeOrNull,
} from './exactly.ts'

const share = z
  .strictObject({ value: number, low: number, high: number })
  .nullable()
  .describe('with a 95 % interval')
const used = { walks: count, searches: count, watchedMs: span }
const figures = {
  true: count,
  false: count,
  unresolved: count,
  unjudged: count,
  withdrawn: count,
  alerts: count,
  late: count,
  retrospective: count,
  precision: share,
  worstPrecision: numberOrNull,
  falsePerThousand: share,
}

export const accountingAnswer = exactly<Account>('Report')(
  z.strictObject({
    from: time,
    to: time,
    madeAt: time,
    by: text,
    timeZone: text,
    total: z.strictObject({ ...used, ...figures }),
    cameras: z.array(z.strictObject({ ...used, ...figures, ...ofCamera })),
    lists: z.array(
      z.strictObject({
        ...figures,
        list: text,
        fewest: numberOrNull,
        most: numberOrNull,
        now: count,
      }),
    ),
    days: z.array(z.strictObject({ ...used, ...figures, day: text.describe('YYYY-MM-DD') })),
  }),
)

const delay = z
  .strictObject({ count, p50: span, p90: span, p99: span, longest: span })
  .nullable()
  .describe('null: it never happened')

export const observedAnswer = exactly<Observed>()(
  z.strictObject({
    from: time,
    to: time,
    delays: z.strictObject({
      alert: delay,
      arrival: delay,
      judging: delay,
      acknowledged: delay,
      resolved: delay,
      past: count,
      unacknowledged: count,
      unresolved: count,
    }),
    cameras: z.array(
      z.strictObject({
        ...ofCamera,
        ...ofRelied,
        canary: z
          .strictObject({ passedAt: timeOrNull, latencyMs: numberOrNull, missed: count })
          .nullable(),
      }),
    ),
    account: accountingAnswer.nullable().describe('null: you may not see reports'),
  }),
)
