import { z } from 'zod'
import { NAMED } from './answers/exactly.ts'
import { problemAnswer } from './answers/problem.ts'
import { PROBLEM_TYPE } from './problem.ts'
import type { Answers, Described } from './taking.ts'

/** JSON Schema of draft 2020-12, as OpenAPI 3.1 has it. */
export type Schema = { [key: string]: unknown }
export type Media = Record<string, { schema?: Schema }>
type Response = { description: string; content?: Media }

export const JSON_TYPE = 'application/json'
const AT = '#/components/schemas/'

const WORDS: Record<keyof Answers, string> = {
  200: 'Done.',
  201: 'Made.',
  202: 'It waits for a second person.',
  204: 'Done; there is no more to say.',
  304: 'It is as you have it.',
}

/** Answers of `routes` for a document: what several of them share is in `schemas`, by name. */
export function answersOf(routes: readonly Described[]): {
  schemas: Record<string, Schema>
  /** What is refused, or went wrong, whatever was asked. */
  problem: Response
  of: (route: Described) => Record<string, Response>
} {
  const known = z.registry<{ id: string }>()
  for (const [id, schema] of NAMED) known.add(schema, { id })
  for (const { method, url, schema } of routes) {
    for (const [status, answer] of Object.entries(schema.answers ?? {})) {
      if (!(answer instanceof z.ZodType) || known.has(answer)) continue
      known.add(answer, { id: `${method} ${url} ${status}` })
    }
  }
  const made = z.toJSONSchema(known, {
    io: 'output',
    unrepresentable: 'any',
    uri: (id) => `${AT}${id}`,
  })
  const plain = (id: string): Schema => {
    // The document says once for all which draft it is, and where they are.
    const { $schema, $id, ...schema } = made.schemas[id] as Schema
    return schema
  }
  const schemaOf = (answer: z.ZodType): Schema => {
    const { id = '' } = known.get(answer) ?? {}
    return NAMED.has(id) ? { $ref: `${AT}${id}` } : plain(id)
  }
  const contentOf = (answer: z.ZodType | string | null): Pick<Response, 'content'> => {
    if (answer === null) return {}
    if (typeof answer === 'string') return { content: { [answer]: {} } }
    return { content: { [JSON_TYPE]: { schema: schemaOf(answer) } } }
  }
  return {
    schemas: Object.fromEntries([...NAMED.keys()].toSorted().map((id) => [id, plain(id)])),
    problem: {
      description: 'It was refused, or went wrong.',
      content: { [PROBLEM_TYPE]: { schema: schemaOf(problemAnswer) } },
    },
    of: ({ schema }) =>
      Object.fromEntries(
        Object.entries(schema.answers ?? {}).map(([status, answer]) => {
          const description = WORDS[Number(status) as keyof Answers]
          return [status, { description, ...contentOf(answer) }]
        }),
      ),
  }
}
