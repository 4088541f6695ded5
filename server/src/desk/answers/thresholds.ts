import { z } from 'zod'
import type { Forecast, Origin } from '../../thresholds/budget.ts'
import type { Curves } from '../../thresholds/curves.ts'
import type { Report } from '../../thresholds/report.ts'
import type { Change } from '../../thresholds/thresholds.ts'
import {
  count,
  exactly,
  number,
  numberOrNull,
  ofCamera,
  span,
  text,
  textOrNull,
  texts,
  timeOrNull,
  yes,
} from './exactly.ts'

const ofForecast = { expected: number, low: numberOrNull, high: numberOrNull }
export const forecast = exactly<Forecast>()(
  z.strictObject(ofForecast).describe('false alerts in a week'),
)
export const origin = exactly<Origin>()(z.enum(['published', 'measured', 'floor']))

const ofReport = {
  ...ofCamera,
  list: textOrNull,
  threshold: number,
  origin,
  wanted: number.describe('what the budget alone asks for'),
  forecast,
  budget: z.strictObject({
    budget: number.describe('false alerts per camera and week'),
    scope: z.enum(['server', 'list', 'camera', 'file']),
    target: text,
  }),
  floor: number,
  entries: count,
  seen: z.strictObject({ walks: number, watchedMs: span, since: timeOrNull }),
  week: z.strictObject({ walks: number, measured: yes }),
  evidence: z.strictObject({
    exceedances: number,
    needed: number,
    comparisons: number,
    comparisonsNeeded: number,
    doubtful: number,
    judgedTrue: number,
    judgedFalse: number,
    above: number,
    fit: z.strictObject({ from: number, shape: number, scale: number }).nullable(),
  }),
  why: texts,
}

export const reportAnswer = exactly<Report>('Threshold')(z.strictObject(ofReport))

export const explainedAnswer = exactly<Report & { curves: Curves }>()(
  z.strictObject({
    ...ofReport,
    curves: z.strictObject({
      histogram: z.array(z.strictObject({ score: number, walks: number })),
      counted: z.array(z.strictObject({ score: number, alerts: number })),
      forecast: z.array(z.strictObject({ score: number, ...ofForecast })),
    }),
  }),
)

export const thresholdChangesAnswer = z.array(
  exactly<Change>()(z.strictObject({ before: reportAnswer, after: reportAnswer })),
)
