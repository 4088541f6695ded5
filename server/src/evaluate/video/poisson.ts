const STEPS = 200

/**
 * The expected counts between which the truth lies with a chance of `confidence`, given that `count` was
 * observed: exact, so at least that chance. Source: F. Garwood, "Fiducial limits for the Poisson
 * distribution", Biometrika 28, 1936.
 */
export function poissonInterval(count: number, confidence: number): [number, number] {
  const tail = (1 - confidence) / 2
  const low = count === 0 ? 0 : meanWhere((mean) => 1 - atMost(count - 1, mean) > tail, count)
  return [low, meanWhere((mean) => atMost(count, mean) <= tail, count)]
}

/** The least mean for which `reached` is true; it stays true above. */
function meanWhere(reached: (mean: number) => boolean, count: number): number {
  let [low, high] = [0, count + 10 * Math.sqrt(count + 1) + 10]
  for (let i = 0; i < STEPS && high - low > 1e-12; i++) {
    const middle = (low + high) / 2
    if (reached(middle)) high = middle
    else low = middle
  }
  return high
}

/** The chance of `count` or fewer where `mean` are expected. */
function atMost(count: number, mean: number): number {
  let [term, sum] = [1, 1]
  // Scaled by its largest term, so that no mean is too large.
  let logScale = -mean
  for (let k = 1; k <= count; k++) {
    term *= mean / k
    sum += term
    if (sum > 1e200) {
      logScale += Math.log(sum)
      term /= sum
      sum = 1
    }
  }
  return Math.min(1, Math.exp(logScale + Math.log(sum)))
}
