import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { IntegrityFault, messageOf, Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import {
  graphFile,
  type InstalledRow,
  installedRow,
  type ModelRow,
  readManifest,
} from './manifest.ts'

/** Not the name of the manifest that ships: a deployment may be founded beside the program. */
const MANIFEST = 'installed.json'

/**
 * Every model that there is: those that ship, and those installed in `folder`. Files are checked when
 * they are opened. Throws IntegrityFault `model.manifest` where the folder's manifest cannot be used.
 */
export async function readModels(folder: string | undefined): Promise<ModelRow[]> {
  const shipped: ModelRow[] = await readManifest()
  if (folder === undefined) return shipped
  const rows = await readInstalled(folder)
  const all = [...shipped, ...rows.map((row) => ({ ...row, folder }))]
  const twice = all.find(({ id }, i) => all.findIndex((other) => other.id === id) < i)
  if (twice === undefined) return all
  throw unusable(folder, `there are two models ${twice.id}`)
}

/** Rows of the models installed in `folder`, none where there is no manifest. */
async function readInstalled(folder: string): Promise<InstalledRow[]> {
  const file = join(folder, MANIFEST)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') return []
    throw unusable(folder, messageOf(cause), cause)
  }
  try {
    return z.array(installedRow).parse(JSON.parse(text))
  } catch (cause) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : []
    const what = issue ? `${issue.path.join('.')}: ${issue.message}` : messageOf(cause)
    throw unusable(folder, what, cause)
  }
}

/** Checks a manifest row from outside. Throws Refusal `model.invalid`. */
export function parseRow(value: unknown): InstalledRow {
  const result = installedRow.safeParse(value)
  if (result.success) return result.data
  const complaints = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new Refusal('model.invalid', `the manifest row is wrong: ${complaints.join('; ')}`, {
    hint: 'see the README for what a row says',
  })
}

/** Throws Refusal `model.changed` where `bytes` are not what `row` promises. */
export function checkFile(row: InstalledRow, bytes: Uint8Array): void {
  const found = createHash('sha256').update(bytes).digest('hex')
  if (bytes.length === row.bytes && found === row.sha256) return
  throw new Refusal(
    'model.changed',
    `${row.id} should have ${row.bytes} bytes and SHA-256 ${row.sha256}, the file has ${bytes.length} and ${found}`,
    { hint: 'nothing was installed; fetch the file again, from where it is published' },
  )
}

/**
 * Puts a model into `folder`: first its file, then its row, each whole or not at all. The same model
 * again keeps the calibration that it has. Throws Refusal `model.changed`, `model.exists`.
 */
export async function installModel(
  folder: string,
  row: InstalledRow,
  bytes: Uint8Array,
): Promise<void> {
  checkFile(row, bytes)
  await checkVacant(folder, row)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeWhole(join(folder, row.file), bytes)
  const before = (await readInstalled(folder)).find(({ id }) => id === row.id)
  const measured = before?.task === 'embed' ? before.calibration : undefined
  const kept = row.task === 'embed' && measured !== undefined && row.calibration === undefined
  await saveRow(folder, kept ? { ...row, calibration: measured } : row)
}

/** Throws Refusal `model.exists` where another model of that id or file is there. */
export async function checkVacant(folder: string, row: InstalledRow): Promise<void> {
  for (const other of await readModels(folder)) {
    const taken = other.id === row.id || graphFile(other) === join(folder, row.file)
    if (!taken || (other.id === row.id && other.sha256 === row.sha256)) continue
    throw new Refusal('model.exists', `there is another model ${other.id} (${other.file})`, {
      hint: 'an embedding space is never redefined: give the new model an id and a file of its own',
    })
  }
}

/** Writes the row of an installed model, instead of the one with its id. */
export async function saveRow(folder: string, row: InstalledRow): Promise<void> {
  const others = (await readInstalled(folder)).filter(({ id }) => id !== row.id)
  const rows = [...others, row]
  await writeWhole(join(folder, MANIFEST), Buffer.from(`${JSON.stringify(rows, null, 2)}\n`))
}

/** The row as it is written down, without where it lies. */
export function unplaced(row: InstalledRow & { folder: string }): InstalledRow {
  const { folder: _folder, ...plain } = row
  return plain
}

async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const part = `${file}.part`
  try {
    await writeFile(part, bytes, { mode: 0o600, flush: true })
    await rename(part, file)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

function unusable(folder: string, what: string, cause?: unknown): IntegrityFault {
  return new IntegrityFault('model.manifest', `${join(folder, MANIFEST)}: ${what}`, {
    cause,
    hint: 'mend the file, or move it away and install the models again',
  })
}
