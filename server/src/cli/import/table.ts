import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { messageOf, Refusal } from '@vedette/shared/errors'
import { parse } from 'csv-parse/sync'
import type { ImportRow } from './row.ts'

/** Columns by their names without blanks and in small letters; the others are left alone. */
const COLUMNS: Record<string, keyof ImportRow> = {
  name: 'name',
  alias: 'aliases',
  aliases: 'aliases',
  photo: 'photos',
  photos: 'photos',
  file: 'photos',
  face: 'face',
  list: 'list',
  expires: 'expires',
  reason: 'reason',
  because: 'reason',
  legalbasis: 'legalBasis',
  authority: 'authority',
  case: 'caseNumber',
  casenumber: 'caseNumber',
  note: 'note',
  source: 'source',
  taken: 'taken',
}
const DELIMITERS = [',', ';', '\t']
/** Between several photographs, or names, in one field. */
const SEVERAL = '|'

/**
 * People of a CSV file, photographs by paths from its folder. Throws Refusal `import.unreadable`.
 * Source: RFC 4180; a byte order mark, `;` and tabs are taken, too.
 */
export async function readTable(file: string): Promise<ImportRow[]> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Refusal('import.unreadable', `cannot read ${file}: ${messageOf(cause)}`, { cause })
  })
  const [heading = ''] = text.split('\n', 1)
  const delimiter = DELIMITERS.toSorted(
    (p, q) => heading.split(q).length - heading.split(p).length,
  )[0]!
  const options = { bom: true, delimiter, trim: true, skip_empty_lines: true, info: true } as const
  let records: { record: string[]; info: { lines: number } }[]
  try {
    records = parse(text, options) as unknown as typeof records
  } catch (cause) {
    throw new Refusal('import.unreadable', `${file}: ${messageOf(cause)}`, {
      cause,
      hint: 'save it as CSV (UTF-8), every text with a comma or a quote in it in quotes',
    })
  }
  const [first, ...rest] = records
  const columns = (first?.record ?? []).map(
    (name) => COLUMNS[name.toLowerCase().replaceAll(/[^a-z]/g, '')],
  )
  if (!columns.includes('name') || !columns.includes('photos')) {
    throw new Refusal('import.unreadable', `${file} has no columns name and photo`, {
      hint: `its first line names the columns: ${Object.keys(COLUMNS).join(', ')}`,
    })
  }
  const folder = dirname(resolve(file))
  return rest.map(({ record, info }) => rowOf(columns, record, folder, `line ${info.lines}`))
}

function rowOf(
  columns: readonly (keyof ImportRow | undefined)[],
  record: readonly string[],
  folder: string,
  at: string,
): ImportRow {
  const row: Record<string, string | string[]> = { at, name: '', photos: [] }
  for (const [i, column] of columns.entries()) {
    const value = record[i] ?? ''
    if (column === undefined || value === '') continue
    if (column === 'photos') row.photos = severalOf(value).map((path) => resolve(folder, path))
    else row[column] = column === 'aliases' ? severalOf(value) : value
  }
  return row as ImportRow
}

function severalOf(value: string): string[] {
  return value.split(SEVERAL).flatMap((one) => one.trim() || [])
}
