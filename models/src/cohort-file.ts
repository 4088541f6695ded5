import { cohortFile, type EmbedderRow, isBuiltIn, readVerified } from './manifest.ts'

/** Mean and spread of the embeddings of many strangers: nobody's face, and nothing of any one of them. */
export type Fit = {
  /** Components of the mean. */
  mean: Float32Array
  /** Lower triangle of the covariance's Cholesky factor, row by row. */
  factor: Float32Array
}

/**
 * The cohort of an embedder; undefined where it has none. Throws IntegrityFault `model.*`. The file is
 * float32, little-endian: the mean, then the lower triangle of the Cholesky factor, row by row.
 */
export async function readCohort(row: EmbedderRow): Promise<Fit | undefined> {
  if (row.cohort === undefined) return undefined
  const { file, sha256: hash } = row.cohort
  const hint = isBuiltIn(row) ? 'run: npm run setup' : 'run: vedette models calibrate'
  const bytes = await readVerified(cohortFile(row, file), hash, hint)
  const floats = Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4))
  return { mean: floats.subarray(0, row.length), factor: floats.subarray(row.length) }
}

/** What `readCohort` reads. */
export function encodeCohort({ mean, factor }: Fit): Buffer {
  const bytes = Buffer.alloc((mean.length + factor.length) * 4)
  for (const [i, value] of [...mean, ...factor].entries()) bytes.writeFloatLE(value, i * 4)
  return bytes
}
