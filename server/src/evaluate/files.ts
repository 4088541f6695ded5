import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { Refusal } from '@vedette/shared/errors'

const PICTURES = /\.(jpe?g|png|webp)$/i
/** Changes when a picture comes to be looked at otherwise: journals of before are void. */
const RECIPE = 2

/** Throws Refusal `evaluate.not-found`. */
export async function checkFolder(images: string): Promise<void> {
  const found = await stat(images).catch(() => undefined)
  if (found?.isDirectory()) return
  throw new Refusal('evaluate.not-found', `no folder ${resolve(images)}`, {
    hint: 'name the folder of the pictures with --images',
  })
}

/** Paths of all pictures below a folder, with / between their parts. */
export async function picturesIn(images: string): Promise<string[]> {
  await checkFolder(images)
  const found = await readdir(images, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile() && PICTURES.test(entry.name))
    .map((entry) => relative(images, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted()
}

/** Where the journal of a run over `images` is kept until the run has finished. */
export function journalOf(images: string): string {
  const run = [resolve(images), DEFAULT_MODELS.embedder, RECIPE].join('\n')
  const name = createHash('sha256').update(run).digest('hex').slice(0, 16)
  return join(tmpdir(), `vedette-evaluate-${process.getuid?.() ?? 0}`, `${name}.jsonl`)
}
