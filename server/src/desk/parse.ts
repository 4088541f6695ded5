import { Refusal } from '@vedette/shared/errors'
import type { z } from 'zod'

/** What `schema` makes of it. Throws Refusal `request.invalid`. */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Refusal('request.invalid', `${issue?.path.join('.')}: ${issue?.message}`)
}
