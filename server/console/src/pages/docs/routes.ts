import type { OpenApi, Operation } from '@vedette/server/desk/openapi'

/** One thing that may be asked. */
export type Route = Operation & { id: string; method: string; path: string }

/** The routes of `document` in which all of `words` occur, by what they are about. */
export function groupsOf(document: OpenApi, words: string): { name: string; routes: Route[] }[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const groups = new Map<string, Route[]>()
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const route = { ...operation, id: operation.operationId, method: method.toUpperCase(), path }
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

/** A JSON schema, as far as a person reads it. */
export type Shape = {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  description?: string
  format?: string
  pattern?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  items?: Shape
  properties?: Record<string, Shape>
  required?: string[]
  anyOf?: Shape[]
  oneOf?: Shape[]
}

/** What may stand there, in one line: text, 1 to 500, one of … */
export function saidOf(shape: Shape): string {
  const either = shape.anyOf ?? shape.oneOf
  if (either) return [...new Set(either.map(saidOf))].join(' | ')
  if (shape.const !== undefined) return JSON.stringify(shape.const)
  if (shape.enum) return shape.enum.map((one) => JSON.stringify(one)).join(' | ')
  if (shape.items) return `[ ${saidOf(shape.items)} ]`
  const type = [shape.type ?? 'any'].flat().join(' | ')
  return [type, boundsOf(shape)].filter(Boolean).join(', ')
}

function boundsOf({ minimum, maximum, minLength, maxLength, pattern }: Shape): string {
  const far = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  const near = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined
  const size = near !== undefined || far !== undefined ? `${near ?? ''} … ${far ?? ''}`.trim() : ''
  const length =
    minLength !== undefined || maxLength !== undefined
      ? `length ${minLength ?? 0} … ${maxLength ?? ''}`.trim()
      : ''
  return [size, length, pattern && `/${pattern}/`].filter(Boolean).join(', ')
}
