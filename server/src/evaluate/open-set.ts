import { Refusal } from '@vedette/shared/errors'
import { operatingPoints, pointAt, thinned } from './operating-points.ts'

/**
 * One search of the gallery. Mated: the person is enrolled; `rank` (from 1) and `score` are those
 * of the right entry, `best` is the highest score of any. Failed: failure to acquire, no template.
 */
export type Probe =
  | { mated: true; rank: number; score: number; best: number }
  | { mated: true; failed: true }
  | { mated: false; best: number }
  | { mated: false; failed: true }

/** Open-set identification (1:N); all rates are shares in [0, 1]. */
export type Identification = {
  mated: number
  nonMated: number
  /** Probes of either kind that failed. */
  failures: number
  /** Share of mated probes whose right entry is the best one, whatever its score. */
  rank1: number
  /** The FNIR at the lowest threshold whose FPIR is at most `fpir`. */
  rates: { fpir: number; threshold: number; fnir: number }[]
  /** From the strictest threshold to the laxest, at most 200 points. */
  curve: { threshold: number; fpir: number; fnir: number }[]
}

const MOST_POINTS = 200

/**
 * Error rates of open-set identification. FPIR: share of non-mated probes with best ≥ threshold.
 * FNIR: share of mated probes without the right entry at rank 1 and score ≥ threshold. A failed
 * probe raises no false alarm and misses at every threshold. O(n log n).
 * Throws Refusal 'evaluate.too-few' without mated or non-mated probes, a RangeError if a score is
 * not finite. Source: ISO/IEC 19795-1; NIST FRTE 1:N, FNIR(N, R = 1, T) and FPIR(N, T).
 */
export function identify(
  probes: readonly Probe[],
  fpirs: readonly number[] = [0.003, 0.01, 0.1],
): Identification {
  const mated = probes.filter((probe) => probe.mated)
  const nonMated = probes.filter((probe) => !probe.mated)
  if (mated.length === 0 || nonMated.length === 0) {
    throw new Refusal(
      'evaluate.too-few',
      `${mated.length} mated and ${nonMated.length} non-mated probes, one of each needed at least`,
    )
  }
  const found = mated.flatMap((probe) => ('failed' in probe || probe.rank !== 1 ? [] : probe.score))
  const alarms = nonMated.flatMap((probe) => ('failed' in probe ? [] : probe.best))
  const points = operatingPoints(
    { genuine: found, impostors: alarms },
    { genuine: mated.length, impostors: nonMated.length },
  )
  return {
    mated: mated.length,
    nonMated: nonMated.length,
    failures: probes.filter((probe) => 'failed' in probe).length,
    rank1: found.length / mated.length,
    rates: fpirs.map((fpir) => {
      const { threshold, falseNegative } = pointAt(points, fpir)
      return { fpir, threshold, fnir: falseNegative }
    }),
    curve: thinned(points, MOST_POINTS).map(({ threshold, falsePositive, falseNegative }) => ({
      threshold,
      fpir: falsePositive,
      fnir: falseNegative,
    })),
  }
}
