import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DEFAULT_MODELS, type ModelOptions, Models } from '@vedette/models/models'
import { codeOf, IntegrityFault, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'

/** Holds the id of the embedder that the server last wanted spoken. */
const SPOKEN = 'spoken'

/**
 * Opens the models with the embedder that was spoken last, or with the built-in one where that is
 * not to be had any more: the server will say which to fetch.
 */
export async function openSpoken(
  options: Partial<ModelOptions> & { folder: string },
  log: Log,
): Promise<Models> {
  const text = await readFile(join(options.folder, SPOKEN), 'utf8').catch(() => '')
  const embedder = text.trim() || DEFAULT_MODELS.embedder
  try {
    return await Models.open({ ...options, embedder })
  } catch (error) {
    if (!(error instanceof IntegrityFault) || embedder === DEFAULT_MODELS.embedder) throw error
    log.warn({ model: embedder, code: codeOf(error), message: messageOf(error) }, 'model.unusable')
    return Models.open(options)
  }
}

/** Remembers that embedder `id` is spoken from now on. */
export async function rememberSpoken(folder: string, id: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, SPOKEN)
  await writeFile(`${file}.part`, `${id}\n`, { mode: 0o600 })
  await rename(`${file}.part`, file)
}
