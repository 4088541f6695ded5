import {
  allowed,
  comparisonsNeeded,
  forecastAt,
  type Terms,
  verdictOf,
  walksAWeek,
} from './budget.ts'
import type { CameraId, Holding } from './budgets.ts'
import type { Facts } from './facts.ts'
import type { Learned } from './learned.ts'
import type { Calibration } from './published.ts'
import { LEAST, tailOf } from './tail.ts'
import { stepsOf } from './words.ts'

/** What holds for a whole deployment. */
export type Common = {
  /** Walks past a camera in a week, while unknown. */
  walks: number
  floor: number
  calibration: Calibration
}

/** The facts, and each step from the budget to the threshold in words. */
export type Report = Facts & { why: string[] }

export function reportOf(
  id: CameraId & { list: string | null },
  budget: Holding,
  entries: number,
  learned: Learned | undefined,
  common: Common,
): Report {
  const { agent, camera, list } = id
  const { walks = 0, watchedMs = 0, doubtful = 0 } = learned?.scores ?? {}
  const { judgedTrue = 0, judgedFalse = 0 } = learned?.scores ?? {}
  const terms = termsOf(budget.budget, entries, learned, common)
  const verdict = verdictOf(terms)
  const { tail } = terms
  const fit = tail === undefined ? null : { from: tail.from, shape: tail.shape, scale: tail.scale }
  const { exceedances, comparisons } =
    learned === undefined ? { exceedances: 0, comparisons: 0 } : tailOf(learned.scores)
  const above = learned?.scores.above(-1) ?? 0
  const report = {
    agent,
    camera,
    list,
    budget,
    floor: common.floor,
    entries,
    ...verdict,
    forecast: forecastAt(verdict.threshold, terms),
    seen: { walks, watchedMs, since: learned?.since ?? null },
    week: walksAWeek({ walks, watchedMs }, common.walks),
    evidence: {
      exceedances,
      needed: LEAST,
      comparisons,
      comparisonsNeeded: comparisonsNeeded(allowed(terms).rate),
      ...{ doubtful, judgedTrue, judgedFalse },
      above,
      fit,
    },
  }
  return { ...report, why: stepsOf(report) }
}

export function termsOf(
  budget: number,
  entries: number,
  learned: Learned | undefined,
  { walks: assumed, floor, calibration }: Common,
): Terms {
  const { walks } = walksAWeek(learned?.scores ?? { walks: 0, watchedMs: 0 }, assumed)
  const terms = { budget, walks, entries, floor, calibration }
  const needed = comparisonsNeeded(allowed(terms).rate)
  const tail = learned?.tail
  return { ...terms, tail: tail !== undefined && tail.comparisons >= needed ? tail : undefined }
}
