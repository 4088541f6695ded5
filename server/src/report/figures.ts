import { poissonInterval } from '../evaluate/video/poisson.ts'

/** What became of an alert, as far as it tells of the system's worth. */
export const FATES = ['true', 'false', 'unresolved', 'unjudged', 'withdrawn'] as const
export type Fate = (typeof FATES)[number]

/** Alerts that are alike, as far as an account needs them. */
export type Accounted = {
  alerts: number
  list: string
  agent: string
  camera: string
  /** The hour in which they were raised begins here, epoch milliseconds. */
  hour: number
  fate: Fate
  /** It told of what was, not of what is. */
  late: boolean
  /** It was found in what was kept, when somebody was enrolled. */
  retrospective: boolean
}

export type Share = { value: number; low: number; high: number }

/** Alerts by what became of them, and what follows from that. */
export type Figures = Record<Fate, number> & {
  alerts: number
  late: number
  retrospective: number
  /** Right ones among those judged right or wrong, with a 95 % interval; null while none is judged. */
  precision: Share | null
  /** The same if every alert that nobody could or did judge were wrong. */
  worstPrecision: number | null
  /** Alerts judged wrong to a thousand walks, with a 95 % interval; null while nobody walked past. */
  falsePerThousand: Share | null
}

const CONFIDENCE = 0.95
/** Normal quantile of that confidence, two-sided. */
const Z = 1.959964

export function figuresOf(alerts: readonly Accounted[], walks: number): Figures {
  const counts = Object.fromEntries(FATES.map((fate) => [fate, 0])) as Record<Fate, number>
  const sums = { alerts: 0, late: 0, retrospective: 0 }
  // Once over all of them: there may be a hundred thousand.
  for (const { alerts: many, fate, late, retrospective } of alerts) {
    counts[fate] += many
    sums.alerts += many
    if (late) sums.late += many
    if (retrospective) sums.retrospective += many
  }
  const judged = counts.true + counts.false
  const open = judged + counts.unresolved + counts.unjudged
  const [low, high] = poissonInterval(counts.false, CONFIDENCE)
  const rate = (events: number) => (1000 * events) / walks
  return {
    ...counts,
    ...sums,
    precision: judged === 0 ? null : shareOf(counts.true, judged),
    worstPrecision: open === 0 ? null : counts.true / open,
    falsePerThousand:
      walks === 0 ? null : { value: rate(counts.false), low: rate(low), high: rate(high) },
  }
}

/**
 * `part` of `whole` with a 95 % interval that is sound for few and for extreme counts.
 * Source: E. B. Wilson, "Probable inference", J. Am. Stat. Assoc. 22, 1927.
 */
export function shareOf(part: number, whole: number): Share {
  const value = part / whole
  const square = Z ** 2 / whole
  const centre = (value + square / 2) / (1 + square)
  const reach = (Z / (1 + square)) * Math.sqrt((value * (1 - value)) / whole + square / (4 * whole))
  return { value, low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) }
}
