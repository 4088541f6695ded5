import type { IncomingMessage, ServerResponse } from 'node:http'
import type {
  FastifyBaseLogger,
  FastifyContextConfig,
  FastifyInstance,
  FastifySchema,
  FastifyTypeProvider,
  RawServerDefault,
} from 'fastify'
import { z } from 'zod'
import { parse } from './parse.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route there is, see `taking`. */
    described: readonly Described[]
  }
  interface FastifySchema {
    /** What the route does, in one line for people. */
    summary?: string
    /** What good answers are, by status. */
    answers?: Answers
  }
  interface FastifyContextConfig {
    /** Fields of the multipart form that the route reads, and how many files named `photo`. */
    form?: { fields: z.ZodType; photos: 'one' | 'several' }
  }
}

/** The schema of an answer's JSON; its media type, where it is no JSON; null where there is nothing in it. */
export type Answers = {
  readonly [status in 200 | 201 | 202 | 204 | 304]?: z.ZodType | string | null
}

/** What a route says it takes is the type of what its handler is given. */
export interface Taking extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown
}

/** The desk, as its routes see it. */
export type DeskApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  Taking
>

/** A route, as it describes itself. */
export type Described = {
  /** GET, POST, … */
  method: string
  /** Below the host, parameters as `:name`. */
  url: string
  config: FastifyContextConfig
  schema: FastifySchema
}

export const byId = z.object({ id: z.string() })

/**
 * Judges every request by the zod schemas of its route, refuses it in the desk's words, and keeps
 * what routes there are.
 */
export function taking(app: FastifyInstance): readonly Described[] {
  const described: Described[] = []
  app.decorate('described', described)
  app.addHook('onRoute', ({ method, url, config = {}, schema = {} }) => {
    // What is there for nothing but to refuse answers nothing.
    if (/^\/api\/[^*]+$/.test(url) && schema.answers === undefined) {
      throw new TypeError(`${method} ${url} says not what it answers`)
    }
    for (const one of [method].flat()) described.push({ method: one, url, config, schema })
  })
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (value) => {
    try {
      // Whoever sends no body has said nothing in it.
      return { value: parse(schema, httpPart === 'body' ? (value ?? {}) : value) }
    } catch (error) {
      return { error: error as Error }
    }
  })
  return described
}
