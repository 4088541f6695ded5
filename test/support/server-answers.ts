import { problemAnswer } from '@vedette/server/desk/answers/problem'
import { PROBLEM_TYPE } from '@vedette/server/desk/problem'
import type { Answers } from '@vedette/server/desk/taking'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

/** Holds every answer of a desk to what its route says that it answers. */
export class HeldToIt {
  /** Answers that were something else: route, status, and how. */
  readonly broken: string[] = []

  /** Looks at every answer of `app` just before it goes; what is wrong is answered 500. */
  readonly watch = (app: FastifyInstance): void => {
    app.addHook('onSend', async (request, reply, payload) => {
      if (!request.url.startsWith('/api/')) return payload
      const { method = '', url = '' } = request.routeOptions
      const what = `${method} ${url} ${reply.statusCode}`
      const wrong = wrongIn(request, reply, payload)
      if (wrong === undefined) return payload
      this.broken.push(`${what}: ${wrong}`)
      throw new TypeError(this.broken.at(-1))
    })
  }

  /** Throws where an answer was not what it should have been. */
  check(): void {
    if (this.broken.length > 0) throw new TypeError(`undescribed: ${this.broken.join('\n')}`)
  }
}

function wrongIn(
  { routeOptions, method }: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): string | undefined {
  const { statusCode } = reply
  const type = String(reply.getHeader('content-type') ?? '').split(';')[0]!
  const answers: Answers = routeOptions.schema?.answers ?? {}
  const answer = statusCode >= 400 ? problemAnswer : answers[statusCode as keyof Answers]
  if (answer === undefined) return 'no such status is described'
  // Nothing of it is sent; it has the headers of what would be.
  if (method === 'HEAD') return undefined
  if (answer === null) return empty(payload) ? undefined : 'it was to have nothing in it'
  if (empty(payload)) return 'there is nothing in it'
  const wanted =
    typeof answer === 'string' ? answer : statusCode >= 400 ? PROBLEM_TYPE : 'application/json'
  if (type !== wanted.split(';')[0]) return `it is ${type}, not ${wanted}`
  if (typeof answer === 'string') return undefined
  const { error } = answer.safeParse(JSON.parse(String(payload)))
  return error && z.prettifyError(error)
}

function empty(payload: unknown): boolean {
  return payload === undefined || payload === null || payload === ''
}
