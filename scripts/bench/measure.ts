import { performance } from 'node:perf_hooks'

/** One figure, as `--json` prints it: one object a line. */
export type Figure = {
  bench: string
  value: number
  unit: string
  /** What it was compared with in the same run, and how much better ours is; above 1 is better. */
  baseline?: string
  ratio?: number
  /** Share of the machine's own float32 matrix-multiply rate. */
  peakFraction?: number
  p50?: number
  p99?: number
  recall?: number
  /** More of the same, by name. */
  detail?: Record<string, number | string>
}

export type Report = (figure: Figure) => void

/** Milliseconds of each of `runs` calls, after `warmup` that are not counted. */
export async function times(
  work: () => unknown,
  { runs = 30, warmup = 5 }: { runs?: number; warmup?: number } = {},
): Promise<number[]> {
  for (let i = 0; i < warmup; i++) await work()
  const taken: number[] = []
  for (let i = 0; i < runs; i++) {
    const started = performance.now()
    await work()
    taken.push(performance.now() - started)
  }
  return taken
}

/**
 * Ours and the baseline in turn, so that a machine whose speed drifts slows both: medians in
 * milliseconds, and the median of the ratios baseline / ours of each turn.
 */
export async function paired(
  ours: () => unknown,
  baseline: () => unknown,
  { runs = 15, warmup = 3 }: { runs?: number; warmup?: number } = {},
): Promise<{ ours: number; baseline: number; ratio: number }> {
  for (let i = 0; i < warmup; i++) {
    await ours()
    await baseline()
  }
  const rows: { ours: number; baseline: number }[] = []
  for (let i = 0; i < runs; i++) {
    const [mine] = await times(ours, { runs: 1, warmup: 0 })
    const [theirs] = await times(baseline, { runs: 1, warmup: 0 })
    rows.push({ ours: mine!, baseline: theirs! })
  }
  return {
    ours: median(rows.map((row) => row.ours)),
    baseline: median(rows.map((row) => row.baseline)),
    ratio: median(rows.map((row) => row.baseline / row.ours)),
  }
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The value below which `share` (0 … 1) of `values` lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** A generator of numbers in [0, 1), the same for the same seed (a linear congruence). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Unit vectors that crowd around a common direction as descriptors of faces do (mean cosine 0.84). */
export function facelike(count: number, length: number, random: () => number): Float32Array[] {
  const gauss = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random())
  const centre = Float32Array.from({ length }, gauss)
  const size = Math.hypot(...centre)
  return Array.from({ length: count }, () => {
    const vector = centre.map((value) => value / size + (0.436 * gauss()) / Math.sqrt(length))
    const scale = 1 / Math.hypot(...vector)
    return vector.map((value) => value * scale)
  })
}
