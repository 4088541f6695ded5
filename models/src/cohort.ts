import { type Embedding, normalise, similarity } from '@vedette/shared/embedding'
import { type Fit, readCohort } from './cohort-file.ts'
import { findModel } from './manifest.ts'
import { readModels } from './registry.ts'

/** Strangers that are made up. */
export const STRANGERS = 10_000
const SEED = 20_260_000
/**
 * Where strangers are counted: at the similarity that so many of the made-up ones reach against one
 * another's kind. Further out a Gaussian knows nothing: its tails are lighter than people's (decision 28).
 */
const RATE = 0.03
/** Templates that stand for the ordinary: made up, too. */
const ORDINARY = 1000

/** How a template does among strangers. */
export type Behaviour = {
  /** Share of the strangers who are more like it than RATE of them are like an ordinary template. */
  rate: number
  /** How many times more than an ordinary template that is. */
  timesUsual: number
}

/**
 * Made-up strangers of one embedding space: normal around the mean of many real ones, with their
 * spread, on the unit sphere. Whoever resembles too many of them resembles too many of everybody: a
 * wolf. Source: Doddington et al. 1998, "Sheep, goats, lambs and wolves", ICSLP.
 */
export class Cohort {
  readonly #length: number
  /** One after the other. */
  readonly #strangers: Float32Array
  readonly #level: number

  /** The one of embedder `id`; undefined where it has none. Throws IntegrityFault `model.*`. */
  static async open(id: string, folder: string | undefined): Promise<Cohort | undefined> {
    const fit = await readCohort(findModel(await readModels(folder), 'embed', id))
    return fit && new Cohort(fit)
  }

  constructor(fit: Fit, seed = SEED) {
    const length = fit.mean.length
    this.#length = length
    const normal = normals(seed)
    const all = Array.from({ length: STRANGERS + ORDINARY }, () => drawn(fit, normal))
    this.#strangers = new Float32Array(STRANGERS * length)
    for (let i = 0; i < STRANGERS; i++) this.#strangers.set(all[i]!, i * length)
    this.#level = levelOf(all.slice(STRANGERS), all.slice(0, STRANGERS))
  }

  /** The first `count` of the strangers. */
  sample(count: number): Embedding[] {
    const length = this.#length
    return Array.from({ length: count }, (_, i) =>
      this.#strangers.slice(i * length, (i + 1) * length),
    )
  }

  /** How each of `vectors` does. */
  behaviourOf(vectors: readonly Embedding[]): Behaviour[] {
    return vectors.map((vector) => {
      const rate = reachingOf(vector, this.#strangers, this.#level) / STRANGERS
      return { rate, timesUsual: rate / RATE }
    })
  }
}

/** How many rows of `strangers` are as alike to `vector` as `level`. */
function reachingOf(vector: Embedding, strangers: Float32Array, level: number): number {
  const length = vector.length
  const whole = length - (length % 4)
  let reaching = 0
  for (let at = 0; at < strangers.length; at += length) {
    // Four sums beside one another: one alone waits for itself, three times as long.
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let k = 0; k < whole; k += 4) {
      a += strangers[at + k]! * vector[k]!
      b += strangers[at + k + 1]! * vector[k + 1]!
      c += strangers[at + k + 2]! * vector[k + 2]!
      d += strangers[at + k + 3]! * vector[k + 3]!
    }
    for (let k = whole; k < length; k++) a += strangers[at + k]! * vector[k]!
    if (a + b + c + d >= level) reaching++
  }
  return reaching
}

/** The similarity that the share RATE of the pairs reaches. */
function levelOf(ordinary: readonly Embedding[], strangers: readonly Embedding[]): number {
  const scores = new Float32Array(ordinary.length * PAIRS)
  let at = 0
  for (const [i, one] of ordinary.entries()) {
    for (let k = 0; k < PAIRS; k++) {
      scores[at++] = similarity(one, strangers[(i * PAIRS + k) % strangers.length]!)
    }
  }
  scores.sort()
  return scores[Math.floor((1 - RATE) * scores.length)]!
}

/** Strangers that each ordinary template is held against. */
const PAIRS = 100

function drawn({ mean, factor }: Fit, normal: () => number): Embedding {
  const length = mean.length
  const z = Float64Array.from({ length }, normal)
  const vector = Float32Array.from(mean)
  let at = 0
  for (let row = 0; row < length; row++) {
    for (let column = 0; column <= row; column++) vector[row]! += factor[at++]! * z[column]!
  }
  return normalise(vector)
}

/**
 * Standard normal deviates, the same for the same seed. Sources: mulberry32 (Tommy Ettinger, public
 * domain); Box and Muller 1958.
 */
function normals(seed: number): () => number {
  let state = seed
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}

/** Mean and Cholesky factor of `embeddings`, of which there must be well more than components. */
export function fitCohort(embeddings: readonly Embedding[]): Fit {
  const length = embeddings[0]!.length
  const count = embeddings.length
  const mean = new Float64Array(length)
  for (const one of embeddings) for (let k = 0; k < length; k++) mean[k]! += one[k]! / count
  const spread = new Float64Array(length * length)
  for (const one of embeddings) {
    for (let row = 0; row < length; row++) {
      const off = (one[row]! - mean[row]!) / (count - 1)
      for (let column = 0; column <= row; column++) {
        spread[row * length + column]! += off * (one[column]! - mean[column]!)
      }
    }
  }
  return { mean: Float32Array.from(mean), factor: cholesky(spread, length) }
}

/** The lower triangle L, row by row, with L·Lᵀ = `matrix` (a little added to its diagonal). */
function cholesky(matrix: Float64Array, length: number): Float32Array {
  const lower = new Float64Array(length * length)
  const packed: number[] = []
  for (let row = 0; row < length; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = matrix[row * length + column]!
      for (let k = 0; k < column; k++) {
        rest -= lower[row * length + k]! * lower[column * length + k]!
      }
      const value =
        row === column
          ? Math.sqrt(Math.max(rest, 0) + 1e-9)
          : rest / lower[column * length + column]!
      lower[row * length + column] = value
      packed.push(value)
    }
  }
  return Float32Array.from(packed)
}
