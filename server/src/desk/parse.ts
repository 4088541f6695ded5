import { Refusal, type RefusalCode } from '@vedette/shared/errors'
import { z } from 'zod'

/** Schemas whose refusals have a code of their own; the others' is `request.invalid`. */
export const refusedAs = z.registry<{ code: RefusalCode }>()

/** What `schema` makes of it. Throws Refusal `request.invalid`, or as `refusedAs` says. */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') || 'the request'
  const { code } = refusedAs.get(schema) ?? { code: 'request.invalid' }
  throw new Refusal(code, `${where}: ${issue?.message}`, {
    hint: 'what may be said of it: the same command with --help',
    params: { field: where },
  })
}
