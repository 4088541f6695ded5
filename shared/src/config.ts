import { isMap, isNode, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { ConfigFault, messageOf } from './errors.ts'

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `500ms`, `5s`, `2m`, `1h`, `30d`: becomes milliseconds. */
export const duration = z.string().transform((text, context) => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  if (amount === undefined || unit === undefined) {
    context.addIssue({
      code: 'custom',
      message: 'expected a duration such as 500ms, 5s, 2m, 1h, 30d',
    })
    return z.NEVER
  }
  return Number(amount) * UNITS[unit as keyof typeof UNITS]
})

const SIZES = { kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 } as const

/** `500KB`, `64MB`, `1GB`: becomes bytes, a thousand to the step. */
export const size = z.string().transform((text, context) => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(kB|KB|MB|GB)$/.exec(text) ?? []
  if (amount === undefined || unit === undefined) {
    context.addIssue({ code: 'custom', message: 'expected a size such as 500KB, 64MB, 1GB' })
    return z.NEVER
  }
  return Math.round(Number(amount) * SIZES[unit as keyof typeof SIZES])
})

/**
 * Parses YAML `text` by `schema`. Throws ConfigFault that lists every complaint as
 * `file:line:column: path: message`.
 */
export function parseConfig<S extends z.ZodType>(
  text: string,
  schema: S,
  file: string,
): z.output<S> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  if (document.errors.length > 0) {
    const complaints = document.errors.map((error) => `${at(error.pos[0])}: ${error.message}`)
    throw new ConfigFault('config.syntax', complaints.join('\n'), {
      hint: 'the file is not YAML at the places named',
    })
  }
  const result = schema.safeParse(plainValue(document, file) ?? {})
  if (result.success) return result.data
  const complaints = result.error.issues.flatMap((issue) =>
    complaintsOf(issue).map(({ path, key, message }) => {
      const offset = key ? offsetOfKey(document, path) : offsetOf(document, path)
      return `${at(offset)}: ${path.join('.') || 'file'}: ${message}`
    }),
  )
  throw new ConfigFault('config.invalid', complaints.join('\n'), {
    hint: `mend ${file} at the places named`,
  })
}

/** What is wrong at `path`: with the key itself, or with the value there. */
type Complaint = { path: PropertyKey[]; key: boolean; message: string }

function complaintsOf(issue: z.core.$ZodIssue): Complaint[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => ({
      path: [...issue.path, name],
      key: true,
      message: 'unknown key',
    }))
  }
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? issue.message
    return [{ path: issue.path, key: true, message }]
  }
  return [{ path: issue.path, key: false, message: issue.message }]
}

/** The plain value of `document`. Aliases are followed only here, so only here they can fail. */
function plainValue(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    throw new ConfigFault('config.syntax', `${file}: ${messageOf(cause)}`, {
      cause,
      hint: 'write the values out: the file needs no aliases',
    })
  }
}

/** Where the value at `path` starts, or the nearest parent that is there. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

/** Where the last key of `path` itself starts. */
function offsetOfKey(document: ReturnType<typeof parseDocument>, path: PropertyKey[]): number {
  const map: unknown = document.getIn(path.slice(0, -1), true)
  const name = String(path.at(-1))
  const pair = isMap(map) ? map.items.find(({ key }) => String(key) === name) : undefined
  return isNode(pair?.key) && pair.key.range ? pair.key.range[0] : offsetOf(document, path)
}
