import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'
import { Refusal } from '@vedette/shared/errors'

const PICTURES = /\.(jpe?g|png|webp)$/i
/** Changes when a picture comes to be looked at otherwise: journals of before are void. */
const RECIPE = 3

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

/** Where the journal of a run of `embedder` over `images` is kept until the run has finished. */
export function journalOf(images: string, embedder: string, far: boolean): string {
  const run = [resolve(images), embedder, far, RECIPE].join('\n')
  const name = createHash('sha256').update(run).digest('hex').slice(0, 16)
  return join(tmpdir(), `vedette-evaluate-${process.getuid?.() ?? 0}`, `${name}.jsonl`)
}
