import { Refusal } from '@vedette/shared/errors'
import type { z } from 'zod'

/** What `schema` makes of it. Throws Refusal `request.invalid`. */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') || 'the request'
  throw new Refusal('request.invalid', `${where}: ${issue?.message}`, {
    hint: 'what may be said of it: the same command with --help',
  })
}
