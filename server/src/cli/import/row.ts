import { createHash } from 'node:crypto'
import type { EntryDetails } from '../../store/entry-rows.ts'

/** One person of a folder or a table, with photographs still on the disk. */
export type ImportRow = Partial<EntryDetails> & {
  /** Where it stands: a folder, a file, or the line of a table. */
  at: string
  name: string
  /** Paths. */
  photos: string[]
  face?: string
  list?: string
  /** As it was written: 30d, or 2027-01-31. */
  expires?: string
  source?: string
  taken?: string
}

/** What became of one row. */
export type Outcome = {
  at: string
  name: string
  /** The same row has the same, however often it is read. */
  key: string
  state: 'enrolled' | 'pending' | 'good' | 'refused' | 'failed'
  entry: string | null
  code: string | null
  words: string
  photos: number
}

/** A key for the row with these photographs: the same content, the same key. */
export function keyOf({ at: _at, photos, ...said }: ImportRow, files: readonly Buffer[]): string {
  const hash = createHash('sha256').update(JSON.stringify([said, photos.length]))
  for (const file of files) hash.update(createHash('sha256').update(file).digest())
  return `import-${hash.digest('hex')}`
}
