import type { GivenFault, Placed } from './import-placed.ts'

/** A photograph that this browser can read when its turn comes. */
export type Photograph = { name: string; read: Placed['read'] }

/** One person of a folder or a table. */
export type ImportRow = {
  /** Where it stands: a folder, a file, or the line of a table. */
  at: string
  name: string
  photos: Photograph[]
  aliases?: string[]
  face?: string
  list?: string
  expires?: string
  reason?: string
  legalBasis?: string
  authority?: string
  caseNumber?: string
  note?: string
  source?: string
  taken?: string
  /** Photographs that its line names and nobody gave. */
  missing?: string[]
}

export type Found = {
  rows: ImportRow[]
  /** Files that are no photographs. */
  others: string[]
  /** Why what was given, or a table in it, is not read. */
  fault?: GivenFault | 'columns' | 'quotes'
}

const PHOTOGRAPH = /\.(jpe?g|png|webp)$/i
const BOXES = '.faces.jpg'
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

/**
 * People among files: where there is a table, its lines with the photographs that they name; else
 * NAME.jpg is one with one photograph, NAME/1.jpg one with as many as there are.
 */
export async function readRows(files: readonly Placed[]): Promise<Found> {
  const seen = files.filter(({ path }) => !path.split('/').some((part) => part.startsWith('.')))
  const table = seen.find(({ path }) => /\.(csv|tsv)$/i.test(path))
  if (table === undefined) return readFolder(seen)
  return readTable(await (await table.read()).text(), seen, table.path)
}

function readFolder(files: readonly Placed[]): Found {
  const others: string[] = []
  const people = new Map<string, ImportRow>()
  for (const { read, path } of files.toSorted((p, q) => p.path.localeCompare(q.path))) {
    const [folder = '', inside, ...deeper] = path.split('/')
    if (!PHOTOGRAPH.test(path) || deeper.length > 0) {
      others.push(path)
      continue
    }
    if (path.endsWith(BOXES)) continue
    const name = inside === undefined ? folder.replace(/\.[^.]*$/, '') : folder
    const photo = { name: lastOf(path), read }
    const known = people.get(folder)
    if (known) known.photos.push(photo)
    else people.set(folder, { at: folder, name: name.replaceAll('_', ' ').trim(), photos: [photo] })
  }
  return { rows: [...people.values()], others }
}

function readTable(text: string, files: readonly Placed[], at: string): Found {
  const lines = parseTable(text)
  if (lines === undefined) return { rows: [], others: [], fault: 'quotes' }
  const [first, ...rest] = lines
  const columns = (first?.fields ?? []).map(
    (name) => COLUMNS[name.toLowerCase().replaceAll(/[^a-z]/g, '')],
  )
  if (!columns.includes('name') || !columns.includes('photos')) {
    return { rows: [], others: [], fault: 'columns' }
  }
  const folder = at.split('/').slice(0, -1).join('/')
  const byPath = new Map(files.map(({ path, read }) => [path, { name: lastOf(path), read }]))
  const rows = rest.map(({ fields, line }) => {
    const row: ImportRow = { at: `line ${line}`, name: '', photos: [] }
    for (const [i, column] of columns.entries()) {
      const value = (fields[i] ?? '').trim()
      if (column === undefined || value === '') continue
      if (column === 'photos') {
        const paths = severalOf(value).map((path) => resolved(folder, path))
        row.photos = paths.flatMap((path) => byPath.get(path) ?? [])
        row.missing = paths.filter((path) => !byPath.has(path))
      } else if (column === 'aliases') row.aliases = severalOf(value)
      else Object.assign(row, { [column]: value })
    }
    return row
  })
  return { rows, others: [] }
}

/** A record, and the line that it ends on. */
type Line = { fields: string[]; line: number }

/** Undefined where a quote is never closed. Source: RFC 4180; `;` and tabs are taken, too. */
export function parseTable(text: string): Line[] | undefined {
  const body = text.replace(/^\uFEFF/, '')
  const [heading = ''] = body.split('\n', 1)
  const delimiter = [',', ';', '\t'].toSorted(
    (p, q) => heading.split(q).length - heading.split(p).length,
  )[0]
  const lines: Line[] = []
  let fields: string[] = []
  let field = ''
  let quoted = false
  let line = 1
  const end = () => {
    if (fields.length > 0 || field.trim() !== '') lines.push({ fields: [...fields, field], line })
    fields = []
    field = ''
  }
  for (let i = 0; i < body.length; i++) {
    const char = body[i]
    if (quoted) {
      if (char === '"' && body[i + 1] === '"') {
        field += '"'
        i++
      } else if (char === '"') quoted = false
      else field += char
      if (char === '\n') line++
    } else if (char === '"' && field.trim() === '') {
      field = ''
      quoted = true
    } else if (char === delimiter) {
      fields.push(field)
      field = ''
    } else if (char === '\n') {
      end()
      line++
    } else if (char !== '\r') field += char
  }
  if (quoted) return undefined
  end()
  return lines
}

function severalOf(value: string): string[] {
  return value.split('|').flatMap((one) => one.trim() || [])
}

/** `path` as it is seen from `folder`. */
function resolved(folder: string, path: string): string {
  const parts = folder === '' ? [] : folder.split('/')
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
