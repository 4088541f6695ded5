import { centreOf, type Embedding, similarity } from '@vedette/shared/embedding'
import type { Template } from '../store/templates.ts'

/** A vector that is searched, and the template that it goes by. */
export type Row = Omit<Template, 'far'> & { far: boolean }

/**
 * What is searched for `templates`: each of them, the same face seen from afar, and for every entry that
 * has several of either kind their centre: what its photographs have in common, without what is each
 * one's own. A probe may be nearer to it than to any of them. It goes by the id of the template nearest
 * to it: that photograph is shown for it.
 */
export function rowsOf(templates: readonly Template[]): Row[] {
  const near = templates.map((template) => ({ ...template, far: false }))
  const far = templates.flatMap(({ far: vector, ...row }) =>
    vector === undefined ? [] : [{ ...row, vector, far: true }],
  )
  return [near, far].flatMap((rows) => [...rows, ...centresOf(rows)])
}

/** What is kept of one entry with these templates. */
export function vectorsOf(templates: readonly Pick<Template, 'vector' | 'far'>[]): Embedding[] {
  const one = { id: '', entryId: '', list: '' }
  return rowsOf(templates.map((template) => ({ ...one, ...template }))).map(({ vector }) => vector)
}

function centresOf(rows: readonly Row[]): Row[] {
  const byEntry = new Map<string, Row[]>()
  for (const row of rows) {
    const entry = byEntry.get(row.entryId)
    if (entry === undefined) byEntry.set(row.entryId, [row])
    else entry.push(row)
  }
  return [...byEntry.values()].filter(({ length }) => length > 1).map(centreFor)
}

function centreFor(rows: readonly Row[]): Row {
  const vector = centreOf(rows.map((row) => row.vector))
  const nearest = rows.reduce((best, row) =>
    similarity(row.vector, vector) > similarity(best.vector, vector) ? row : best,
  )
  return { ...nearest, vector }
}
