/** What a threshold costs: shares of all probes, those that gave no score among them. */
export type OperatingPoint = { threshold: number; falsePositive: number; falseNegative: number }

/**
 * Every operating point that `scores` tell apart, from the strictest threshold to the laxest: first
 * the one that no score reaches, then each score once. A probe is positive if score ≥ threshold.
 * `genuine` and `impostors` count all probes of their kind; those without a score never are
 * positive. With no score at all there is one point, at threshold 0. O(n log n).
 * Throws a RangeError if a score is not finite. Source: ISO/IEC 19795-1, DET curve.
 */
export function operatingPoints(
  scores: { genuine: readonly number[]; impostors: readonly number[] },
  { genuine, impostors }: { genuine: number; impostors: number },
): OperatingPoint[] {
  const mates = descending(scores.genuine)
  const strangers = descending(scores.impostors)
  const highest = Math.max(mates[0] ?? -Infinity, strangers[0] ?? -Infinity)
  const threshold = highest === -Infinity ? 0 : justAbove(highest)
  const points = [{ threshold, falsePositive: 0, falseNegative: 1 }]
  let [hits, alarms] = [0, 0]
  while (hits < mates.length || alarms < strangers.length) {
    const threshold = Math.max(mates[hits] ?? -Infinity, strangers[alarms] ?? -Infinity)
    while (mates[hits] === threshold) hits++
    while (strangers[alarms] === threshold) alarms++
    points.push({
      threshold,
      falsePositive: alarms / impostors,
      falseNegative: (genuine - hits) / genuine,
    })
  }
  return points
}

/**
 * The laxest of `points` whose false positive rate is at most `rate`, at the lowest threshold that
 * has its rates: just above the next score, or the lowest score itself.
 */
export function pointAt(points: readonly OperatingPoint[], rate: number): OperatingPoint {
  const beyond = points.findIndex(({ falsePositive }) => falsePositive > rate)
  if (beyond === -1) return points.at(-1)!
  return { ...points[Math.max(0, beyond - 1)]!, threshold: justAbove(points[beyond]!.threshold) }
}

/**
 * At most `count` (2 or more) of `points`, both ends among them, evenly spaced along the curve as
 * it lies on logarithmic axes; a rate of 0 lies a decade below the smallest that is not.
 */
export function thinned(points: readonly OperatingPoint[], count: number): OperatingPoint[] {
  if (points.length <= count) return [...points]
  const log = (rates: number[]) => {
    const floor = rates.reduce((least, rate) => (rate > 0 ? Math.min(least, rate) : least), 1) / 10
    return rates.map((rate) => Math.log10(Math.max(rate, floor)))
  }
  const across = log(points.map(({ falsePositive }) => falsePositive))
  const down = log(points.map(({ falseNegative }) => falseNegative))
  const along = points.map((_, i) => across[i]! - across[0]! + down[0]! - down[i]!)
  const kept = [points[0]!]
  let reached = 0
  for (let i = 1; i < points.length - 1 && kept.length < count - 1; i++) {
    const step = (along.at(-1)! - reached) / (count - kept.length)
    if (along[i]! - reached < step) continue
    kept.push(points[i]!)
    reached = along[i]!
  }
  kept.push(points.at(-1)!)
  return kept
}

function descending(scores: readonly number[]): Float64Array {
  if (!scores.every(Number.isFinite)) throw new RangeError('a score is not finite')
  return Float64Array.from(scores).sort().reverse()
}

/** The smallest double above `value`. Source: IEEE 754, nextUp. */
function justAbove(value: number): number {
  if (value === 0) return Number.MIN_VALUE
  const bits = new BigInt64Array(new Float64Array([value]).buffer)
  bits[0] = bits[0]! + (value > 0 ? 1n : -1n)
  return new Float64Array(bits.buffer)[0]!
}
