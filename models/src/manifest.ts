import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IntegrityFault } from '@vedette/shared/errors'
import { z } from 'zod'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')
const side = z.number().int().min(16).max(1024)
/** One number for all channels, or one for each in the order in which the network reads them. */
const channels = z.union([z.number(), z.tuple([z.number(), z.number(), z.number()])])

const calibration = z.strictObject({
  /** On what it was measured. */
  measured: z.string().min(1),
  /** However short the list, no similarity below this may ever be a match. */
  floor: z.number().min(-1).max(1),
  /** Share of comparisons of two strangers that reach a similarity. */
  points: z
    .array(
      z.strictObject({
        falseMatchRate: z.number().positive().max(1),
        similarity: z.number().min(-1).max(1),
      }),
    )
    .min(2),
})

/** Strangers' mean and spread, see cohort.ts. */
const cohort = z.strictObject({
  file: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,120}\.cohort$/, 'expected the plain name of a .cohort'),
  sha256,
  /** Of whom, and how many. */
  fitted: z.string().min(1),
})

const common = {
  /** Unique; for an embedder it names the embedding space and travels in hello. */
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'expected lower-case letters, digits, . and -'),
  /** Name of the ONNX file, in the folder of its manifest. */
  file: z.string().regex(/^[A-Za-z0-9][\w.-]{0,120}\.onnx$/, 'expected the plain name of an .onnx'),
  sha256,
  licence: z.string().min(1).max(200),
  notice: z.string().max(2000),
}
const detect = {
  task: z.literal('detect'),
  decoder: z.enum(['tiny-yolo', 'ssd', 'yunet']),
}
const landmarks = {
  task: z.literal('landmarks'),
  size: side,
  points: z.literal(68),
}
const embed = {
  task: z.literal('embed'),
  /** Side of the chip, pixels. */
  size: side,
  /** How a face lies in the chip: by dlib's mean face, or by ArcFace's five points. */
  alignment: z.enum(['dlib-68', 'arcface-5']),
  /** Components of an embedding. */
  length: z.number().int().min(8).max(4096),
  /** Order of the channels that the network reads: (value − mean) · scale of values 0 … 255. */
  order: z.enum(['rgb', 'bgr']).default('rgb'),
  mean: channels.default(0),
  scale: channels.default(1),
}
/** Published weights that ship in a package, from which the file is compiled. */
const compiled = {
  source: z.strictObject({
    package: z.string(),
    weights: z.string(),
    files: z.record(z.string(), sha256),
  }),
}
/** A file brought from elsewhere, and its size in bytes. */
const carried = {
  bytes: z
    .number()
    .int()
    .positive()
    .max(2 ** 30),
}

const builtInRow = z.discriminatedUnion('task', [
  z.strictObject({ ...common, ...compiled, ...detect }),
  z.strictObject({ ...common, ...compiled, ...landmarks }),
  z.strictObject({ ...common, ...compiled, ...embed, calibration, cohort }),
])

/** A row of the manifest of installed models. */
export const installedRow = z.discriminatedUnion('task', [
  z.strictObject({ ...common, ...carried, ...detect }),
  z.strictObject({
    ...common,
    ...carried,
    ...embed,
    calibration: calibration.optional(),
    cohort: cohort.optional(),
  }),
])

/** The folder that holds a row's file. */
type Placed = { folder: string }
export type BuiltInRow = z.infer<typeof builtInRow> & Placed
export type InstalledRow = z.infer<typeof installedRow>
export type ModelRow = BuiltInRow | (InstalledRow & Placed)
export type ModelTask = ModelRow['task']
export type EmbedderRow = Extract<ModelRow, { task: 'embed' }>
export type DetectorRow = Extract<ModelRow, { task: 'detect' }>
export type Calibration = z.infer<typeof calibration>

const home = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)

/** The manifest that ships with this package: one row a model. */
export async function readManifest(): Promise<BuiltInRow[]> {
  const text = await readFile(join(home, 'manifest.json'), 'utf8')
  const folder = join(home, 'onnx')
  return z
    .array(builtInRow)
    .parse(JSON.parse(text))
    .map((row) => ({ ...row, folder }))
}

/** The row with `id`. Throws IntegrityFault `model.unknown`. */
export function findModel<R extends ModelRow, T extends ModelTask>(
  rows: readonly R[],
  task: T,
  id: string,
): Extract<R, { task: T }> {
  const found = rows.find((candidate) => candidate.id === id && candidate.task === task)
  if (found !== undefined) return found as Extract<R, { task: T }>
  const known = rows.filter((candidate) => candidate.task === task).map(({ id: name }) => name)
  throw new IntegrityFault('model.unknown', `no ${task} model ${id}`, {
    hint: `choose one of: ${known.join(', ')}`,
  })
}

/** Where the ONNX file of `row` lies. */
export function graphFile({ folder, file }: ModelRow): string {
  return join(folder, file)
}

/** Where the cohort `file` of an embedder lies; what ships is not beside what is compiled. */
export function cohortFile(row: EmbedderRow, file: string): string {
  return isBuiltIn(row) ? join(home, file) : join(row.folder, file)
}

/** Reads the ONNX file of `row`. Throws IntegrityFault `model.*` where it is not what the row says. */
export function readGraph(row: ModelRow): Promise<Buffer> {
  const hint = isBuiltIn(row)
    ? 'run: npm run setup'
    : 'install it again: vedette models install, or models add'
  return readVerified(graphFile(row), row.sha256, hint)
}

export function isBuiltIn(row: ModelRow): row is BuiltInRow {
  return 'source' in row
}

/** The folder of the package that carries the published weights of `row`. */
export function sourceFolder({ source }: BuiltInRow): string {
  return dirname(require.resolve(`${source.package}/package.json`))
}

/** Checks the published weights of `row` against the manifest. Throws IntegrityFault `model.*`. */
export async function verifySource(row: BuiltInRow): Promise<void> {
  const folder = sourceFolder(row)
  for (const [file, hash] of Object.entries(row.source.files)) {
    await readVerified(join(folder, file), hash)
  }
}

/** Reads a model file whose bytes must have `hash`. Throws IntegrityFault `model.*`. */
export async function readVerified(
  file: string,
  hash: string,
  hint = 'run: npm run setup',
): Promise<Buffer> {
  const bytes = await readFile(file).catch((cause) => {
    throw new IntegrityFault('model.missing', `no model file ${file}`, { cause, hint })
  })
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found === hash) return bytes
  throw new IntegrityFault('model.changed', `${file} has SHA-256 ${found}, manifest says ${hash}`, {
    hint: `the file was changed or damaged: delete it, then ${hint}`,
  })
}
