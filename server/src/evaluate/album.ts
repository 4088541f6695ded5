import { appendFile, mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ModelOptions } from '@vedette/models/models'
import { type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
import { Thread, threadModule } from '../thread.ts'
import type { AlbumRequest, Likeness } from './album-thread.ts'
import { sideBySide } from './side-by-side.ts'

const module = threadModule('album-thread', import.meta.url)

/** Every picture by its path below the folder. */
export type Album = ReadonlyMap<string, Likeness>

export type AlbumOptions = {
  /** Folder of the pictures. */
  images: string
  /** Paths below it. */
  files: readonly string[]
  threads: number
  models: Partial<ModelOptions>
  /** Also as it is kept for faces far away: lists need it, pairs do not. */
  far: boolean
  /** Holds what is done, so that an interrupted run goes on where it was. */
  journal: string
  onProgress: (done: number, total: number) => void
}

type Line = { file: string } & (
  | {
      template: string
      far?: string
      probe: string
      quality: number
      eyeDistance: number
      yaw: number
    }
  | { failure: string }
)

/** Looks at every picture once, on several threads. */
export async function readAlbum(options: AlbumOptions): Promise<Album> {
  const { images, files, threads, models, far, journal, onProgress } = options
  await mkdir(dirname(journal), { recursive: true, mode: 0o700 })
  const wanted = new Set(files)
  const album = new Map([...(await readJournal(journal))].filter(([file]) => wanted.has(file)))
  const waiting = [...wanted].filter((file) => !album.has(file))
  onProgress(album.size, wanted.size)
  await sideBySide(threads, waiting, {
    open: () => new Thread<AlbumRequest, Likeness>(module, models),
    work: async (thread, file) => {
      const likeness = await thread.ask({ file: join(images, file), far })
      album.set(file, likeness)
      // The newline comes first: it also ends a line that an interruption cut short.
      await appendFile(journal, `\n${JSON.stringify(lineOf(file, likeness))}`, { mode: 0o600 })
      onProgress(album.size, wanted.size)
    },
  })
  return album
}

/** Faces are not left lying about: the journal is for runs that were interrupted. */
export async function dropJournal(journal: string): Promise<void> {
  await rm(journal, { force: true })
}

async function readJournal(journal: string): Promise<Map<string, Likeness>> {
  const text = await readFile(journal, 'utf8').catch(() => '')
  return new Map(text.split('\n').flatMap((line) => likenessOf(line) ?? []))
}

function lineOf(file: string, likeness: Likeness): Line {
  if ('failure' in likeness) return { file, ...likeness }
  const { template, far, probe, ...rest } = likeness
  const afar = far === undefined ? {} : { far: base64(far) }
  return { file, ...rest, ...afar, template: base64(template), probe: base64(probe) }
}

/** Nothing for a line that an interruption cut short: its picture is looked at again. */
function likenessOf(text: string): [[string, Likeness]] | undefined {
  let parsed: Line
  try {
    parsed = JSON.parse(text) as Line
  } catch {
    return undefined
  }
  const { file, ...line } = parsed
  if ('failure' in line) return [[file, line]]
  const far = line.far === undefined ? undefined : floats(line.far)
  return [[file, { ...line, template: floats(line.template), far, probe: floats(line.probe) }]]
}

function base64(embedding: Embedding): string {
  return Buffer.from(encodeEmbedding(embedding)).toString('base64')
}

function floats(text: string): Embedding {
  const bytes = Buffer.from(text, 'base64')
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4))
}
