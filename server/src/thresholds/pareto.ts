/**
 * The share of exceedances beyond `excess` (at least 0) under a generalised Pareto distribution.
 * Source: Pickands 1975, Annals of Statistics 3(1).
 */
export function survival(excess: number, shape: number, scale: number): number {
  if (Math.abs(shape) < 1e-9) return Math.exp(-excess / scale)
  const base = 1 + (shape * excess) / scale
  return base <= 0 ? 0 : base ** (-1 / shape)
}

/** The logarithm of the probability that a Poisson number of mean `mean` is `least` … `most`. */
export function logBetween(least: number, most: number, mean: number): number {
  if (mean <= 0) return least === 0 ? 0 : -Infinity
  const likeliest = Math.min(most, Math.max(least, Math.floor(mean)))
  let sum = 1
  for (let n = likeliest, term = 1; n > least && term > 1e-12; n--) sum += term *= n / mean
  for (let n = likeliest, term = 1; n < most && term > 1e-12; n++) sum += term *= mean / (n + 1)
  return likeliest * Math.log(mean) - mean - logFactorial(likeliest) + Math.log(sum)
}

/** Stirling's series; the first few are counted out. */
function logFactorial(n: number): number {
  if (n < 10) return n < 2 ? 0 : Math.log(n) + logFactorial(n - 1)
  return (n + 0.5) * Math.log(n) - n + Math.log(2 * Math.PI) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3)
}
