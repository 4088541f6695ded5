/** A JSON schema, as far as a person reads it. */
export type Shape = {
  $ref?: string
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
  prefixItems?: Shape[]
  properties?: Record<string, Shape>
  additionalProperties?: Shape | boolean
  required?: string[]
  anyOf?: Shape[]
  oneOf?: Shape[]
}
/** Shapes by the name that a document has for them. */
export type Schemas = Record<string, Shape>
/** A field, and of those within others the way to it. */
export type Named = { name: string; required: boolean; shape: Shape }

/** More of them are counted, not named. */
const MOST_NAMED = 16
const FIRST_NAMED = 6

/** What may stand there, in one line: text, 1 to 500, one of … */
export function saidOf(shape: Shape): string {
  const named = nameOf(shape)
  if (named !== undefined) return named
  const either = shape.anyOf ?? shape.oneOf
  if (either) return [...new Set(either.map(saidOf))].join(' | ')
  if (shape.const !== undefined) return JSON.stringify(shape.const)
  if (shape.enum) return oneOf(shape.enum)
  if (shape.prefixItems) return `[ ${shape.prefixItems.map(saidOf).join(', ')} ]`
  if (shape.items) return `[ ${saidOf(shape.items)} ]`
  const each = eachOf(shape)
  if (each) return `{ …: ${saidOf(each)} }`
  const type = [shape.type ?? 'any'].flat().join(' | ')
  return [type, boundsOf(shape)].filter(Boolean).join(', ')
}

/** What the document calls it, where it has a name. */
export function nameOf({ $ref }: Shape): string | undefined {
  return $ref?.split('/').at(-1)
}

/** Its fields with those within them, as `box.x` or `photos[].id`; what has a name stands for itself. */
export function fieldsOf(shape: Shape, before = ''): Named[] {
  const found = new Map<string, Named>()
  const add = (one: Named) => {
    const known = found.get(one.name)
    if (known === undefined) found.set(one.name, one)
    else if (saidOf(known.shape) !== saidOf(one.shape)) {
      // One field of several forms.
      found.set(one.name, { ...known, shape: { anyOf: [known.shape, one.shape] } })
    }
  }
  const either = shape.anyOf ?? shape.oneOf
  if (either) for (const form of either) fieldsOf(form, before).forEach(add)
  for (const [key, one] of Object.entries(shape.properties ?? {})) {
    const name = `${before}${key}`
    add({ name, required: shape.required?.includes(key) ?? false, shape: one })
    fieldsOf(one, `${name}.`).forEach(add)
  }
  if (shape.items) fieldsOf(shape.items, `${before.replace(/\.$/, '')}[].`).forEach(add)
  const each = eachOf(shape)
  if (each) fieldsOf(each, `${before}…`).forEach(add)
  return [...found.values()]
}

/** Names of all that it speaks of, in the order in which they occur, those within them, too. */
export function namesIn(shape: Shape, schemas: Schemas, known = new Set<string>()): string[] {
  for (const [, name = ''] of JSON.stringify(shape).matchAll(/"\$ref":"[^"]*\/([^"/]+)"/g)) {
    if (known.has(name)) continue
    known.add(name)
    namesIn(schemas[name] ?? {}, schemas, known)
  }
  return [...known]
}

function eachOf({ additionalProperties: each }: Shape): Shape | undefined {
  return typeof each === 'object' && Object.keys(each).length > 0 ? each : undefined
}

function oneOf(all: unknown[]): string {
  const told = all.length > MOST_NAMED ? all.slice(0, FIRST_NAMED) : all
  const more = all.length > told.length ? [`… (${all.length})`] : []
  return [...told.map((one) => JSON.stringify(one)), ...more].join(' | ')
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
