import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IntegrityFault } from '@vedette/shared/errors'
import { z } from 'zod'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const common = {
  /** Unique; for an embedder it names the embedding space and travels in hello. */
  id: z.string().regex(/^[a-z0-9.-]+$/),
  file: z.string(),
  sha256,
  licence: z.string(),
  notice: z.string(),
  /** The published weights that `file` is compiled from. */
  source: z.strictObject({
    package: z.string(),
    weights: z.string(),
    files: z.record(z.string(), sha256),
  }),
}

const row = z.discriminatedUnion('task', [
  z.strictObject({
    ...common,
    task: z.literal('detect'),
    decoder: z.enum(['tiny-yolo', 'ssd']),
  }),
  z.strictObject({
    ...common,
    task: z.literal('landmarks'),
    size: z.number().int().positive(),
    points: z.literal(68),
  }),
  z.strictObject({
    ...common,
    task: z.literal('embed'),
    size: z.number().int().positive(),
    alignment: z.literal('dlib-68'),
    length: z.number().int().positive(),
    /** Share of comparisons of two strangers that reach a similarity, and where it was measured. */
    calibration: z.strictObject({
      measured: z.string(),
      points: z
        .array(z.strictObject({ falseMatchRate: z.number(), similarity: z.number() }))
        .min(2),
    }),
  }),
])

export type ModelRow = z.infer<typeof row>
export type ModelTask = ModelRow['task']

const home = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)

/** The manifest that ships with this package: one row a model. */
export async function readManifest(): Promise<ModelRow[]> {
  return z.array(row).parse(JSON.parse(await readFile(join(home, 'manifest.json'), 'utf8')))
}

/** The row with `id`. Throws IntegrityFault `model.unknown`. */
export function findModel<T extends ModelTask>(
  rows: readonly ModelRow[],
  task: T,
  id: string,
): Extract<ModelRow, { task: T }> {
  const found = rows.find((candidate) => candidate.id === id && candidate.task === task)
  if (found !== undefined) return found as Extract<ModelRow, { task: T }>
  const known = rows.filter((candidate) => candidate.task === task).map(({ id: name }) => name)
  throw new IntegrityFault('model.unknown', `no ${task} model ${id}`, {
    hint: `choose one of: ${known.join(', ')}`,
  })
}

/** Where the compiled graph of `row` lies. */
export function graphFile({ file }: ModelRow): string {
  return join(home, 'onnx', file)
}

/** The folder of the package that carries the published weights of `row`. */
export function sourceFolder({ source }: ModelRow): string {
  return dirname(require.resolve(`${source.package}/package.json`))
}

/** Checks the published weights of `row` against the manifest. Throws IntegrityFault `model.*`. */
export async function verifySource(row: ModelRow): Promise<void> {
  const folder = sourceFolder(row)
  for (const [file, hash] of Object.entries(row.source.files)) {
    await readVerified(join(folder, file), hash)
  }
}

/** Reads a model file whose bytes must have `hash`. Throws IntegrityFault `model.*`. */
export async function readVerified(file: string, hash: string): Promise<Buffer> {
  const bytes = await readFile(file).catch((cause) => {
    throw new IntegrityFault('model.missing', `no model file ${file}`, {
      cause,
      hint: 'run: npm run setup',
    })
  })
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found === hash) return bytes
  throw new IntegrityFault('model.changed', `${file} has SHA-256 ${found}, manifest says ${hash}`, {
    hint: 'the file was changed or damaged: delete it and run npm run setup',
  })
}
