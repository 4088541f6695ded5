import { centreOf, similarity } from '@vedette/shared/embedding'
import type { Template } from '../store/entries.ts'

/**
 * `templates` and, for every entry that has several of them, their centre: what its photographs have
 * in common, without what is each one's own. A probe may be nearer to it than to any of them. It goes
 * by the id of the template nearest to it: that photograph is shown for it.
 */
export function withCentres(templates: readonly Template[]): Template[] {
  const byEntry = new Map<string, Template[]>()
  for (const template of templates) {
    const entry = byEntry.get(template.entryId)
    if (entry === undefined) byEntry.set(template.entryId, [template])
    else entry.push(template)
  }
  const centres = [...byEntry.values()].filter(({ length }) => length > 1).map(centreFor)
  return [...templates, ...centres]
}

function centreFor(templates: readonly Template[]): Template {
  const vector = centreOf(templates.map((template) => template.vector))
  const nearest = templates.reduce((best, template) =>
    similarity(template.vector, vector) > similarity(best.vector, vector) ? template : best,
  )
  return { ...nearest, vector }
}
