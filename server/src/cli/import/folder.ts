import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { messageOf, Refusal } from '@vedette/shared/errors'
import { BOXES } from '../boxes.ts'
import type { ImportRow } from './row.ts'

const PHOTOGRAPH = /\.(jpe?g|png|webp)$/i

export type Found = { rows: ImportRow[] /** Files that are no photographs. */; others: string[] }

/**
 * People of a folder: NAME.jpg is one with one photograph, NAME/1.jpg one with as many as there are.
 * Throws Refusal `import.unreadable`.
 */
export async function readFolder(folder: string): Promise<Found> {
  const found: Found = { rows: [], others: [] }
  for (const entry of await list(folder)) {
    if (entry.isDirectory()) {
      const inside = (await list(join(folder, entry.name))).map(({ name }) => name)
      const photos = inside.filter(isPhotograph)
      const others = inside.filter((name) => !isPhotograph(name) && !name.endsWith(BOXES))
      found.others.push(...others.map((name) => join(entry.name, name)))
      if (photos.length === 0) continue
      const paths = photos.map((name) => join(folder, entry.name, name))
      found.rows.push({ at: entry.name, name: nameOf(entry.name), photos: paths })
    } else if (isPhotograph(entry.name)) {
      const name = nameOf(basename(entry.name, extname(entry.name)))
      found.rows.push({ at: entry.name, name, photos: [join(folder, entry.name)] })
    } else if (!entry.name.endsWith(BOXES)) {
      found.others.push(entry.name)
    }
  }
  return found
}

function isPhotograph(name: string): boolean {
  return PHOTOGRAPH.test(name) && !name.endsWith(BOXES)
}

function nameOf(file: string): string {
  return file.replaceAll('_', ' ').trim()
}

async function list(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw new Refusal('import.unreadable', `cannot read ${folder}: ${messageOf(cause)}`, {
      cause,
      hint: 'name a folder of photographs, or a CSV file',
    })
  })
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .toSorted((p, q) => p.name.localeCompare(q.name))
}
