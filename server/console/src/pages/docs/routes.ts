import type { OpenApi, Operation } from '@vedette/server/desk/openapi'
import type { Schemas } from './shapes.ts'

/** One thing that may be asked; `schemas` are what its answers speak of by name. */
export type Route = Operation & { id: string; method: string; path: string; schemas: Schemas }

/** The routes of `document` in which all of `words` occur, by what they are about. */
export function groupsOf(document: OpenApi, words: string): { name: string; routes: Route[] }[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const groups = new Map<string, Route[]>()
  const schemas = (document.components.schemas ?? {}) as Schemas
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const id = operation.operationId
      const route = { ...operation, id, method: method.toUpperCase(), path, schemas }
      if (!wanted.every((word) => textOf(route).includes(word))) continue
      const [name = ''] = operation.tags
      groups.set(name, [...(groups.get(name) ?? []), route])
    }
  }
  return [...groups]
    .map(([name, routes]) => ({ name, routes }))
    .toSorted((a, b) => a.name.localeCompare(b.name))
}

function textOf({ method, path, summary = '', 'x-needs': needs }: Route): string {
  return `${method} ${path} ${summary} ${needs}`.toLowerCase()
}
