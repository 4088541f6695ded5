import type { Socket } from 'node:net'
import { codeOf, Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { ConnectionError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { v7 as newId } from 'uuid'
import { ALWAYS, OF_API } from './answer-headers.ts'
import { PROBLEM_TYPE, type Problem, problemOf } from './problem.ts'

/** By which a log line is found again; always ours, never what was sent. */
export const REQUEST_ID_HEADER = 'x-request-id'

const MOST_HEADERS = 100
/** Whoever takes nothing of an answer for so long is hung up on. */
const UNREAD_MS = 60_000
/** For the answer to what is hung up on anyway. */
const PATIENCE_MS = 1000

/** Of a request that came with nothing but its headers. */
export const newRequestId = (): string => newId()

/** Of what went wrong before there was a request. */
const UNREADABLE: Record<string, [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'the header is too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not come in time'],
}
const REASONS: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

/** Every answer has its number and says what a browser may do with it; every error is a Problem. */
export function answering(app: FastifyInstance, log: Log): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.raw.setHeader(REQUEST_ID_HEADER, request.id)
    for (const [name, value] of Object.entries(ALWAYS)) reply.raw.setHeader(name, value)
    refuseOdd(request, reply)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    // From here on nothing is waited for but whoever asked.
    request.raw.socket.setTimeout(UNREAD_MS)
    // What is told to one person is kept by nobody, and shown as nothing but what it is.
    if (isApi(request)) {
      for (const [name, value] of Object.entries(OF_API)) {
        if (!reply.hasHeader(name)) reply.header(name, value)
      }
    }
    return payload
  })
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, log))
  app.setNotFoundHandler(() => {
    throw new Refusal('route.not-found', 'no such route')
  })
}

/** Sends `error` as a Problem. Also of a path that cannot be read, before any hook has run. */
export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  const problem = problemOf(error, request.id)
  const { status, code, detail } = problem
  const { url: route } = request.routeOptions
  const about = { route, operator: request.operator, code, detail, request: request.id }
  if (status >= 500) log.error({ ...about, err: error }, 'desk.failed')
  else log.info(about, 'desk.refused')
  if (problem.retryAfter !== undefined) reply.header('retry-after', problem.retryAfter)
  // Whoever was refused before their body was read goes on sending it.
  if (status === 413) reply.header('connection', 'close')
  return reply.code(status).type(PROBLEM_TYPE).send(problem)
}

/** The same of a path that no route can be looked for with. */
export function sendUnroutable(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): void {
  reply.headers({ ...ALWAYS, ...OF_API, [REQUEST_ID_HEADER]: request.id })
  void sendProblem(error, request, reply, log)
}

/** Answers what is no HTTP request, or came too slowly, and hangs up. */
export function hangUpOn(error: ConnectionError, socket: Socket, log: Log): void {
  // What was said before there was TLS cannot be answered, and an answer to it would never leave.
  if (!/^HPE_|^ERR_HTTP_/.test(codeOf(error)) || !socket.writable) {
    socket.destroy()
    return
  }
  const id = newRequestId()
  const [status, detail] = UNREADABLE[codeOf(error)] ?? [400, 'that is no request']
  const problem = unread(status, detail, id)
  log.info({ code: codeOf(error), detail, request: id }, 'desk.unreadable')
  const body = JSON.stringify(problem)
  const headers = {
    ...ALWAYS,
    ...OF_API,
    [REQUEST_ID_HEADER]: id,
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${status} ${REASONS[status]}\r\n${lines.join('')}\r\n${body}`)
  socket.destroySoon()
  // Also on whoever does not take the answer.
  socket.setTimeout(PATIENCE_MS, () => socket.destroy())
}

function unread(status: number, detail: string, id: string): Problem {
  const code = 'request.invalid'
  const type = `urn:vedette:problem:${code}`
  return { type, title: 'Error', status, code, detail, instance: `urn:uuid:${id}` }
}

/** What two readers may read as two different requests, and what asks for another protocol. */
function refuseOdd(request: FastifyRequest, reply: FastifyReply): void {
  const odd = oddityOf(request)
  if (odd === undefined) return
  reply.header('connection', 'close')
  throw new Refusal('request.invalid', odd)
}

function oddityOf({ headers, raw }: FastifyRequest): string | undefined {
  const names = raw.rawHeaders.filter((_, i) => i % 2 === 0)
  if (names.length > MOST_HEADERS) return `a request has ${MOST_HEADERS} headers at most`
  const hosts = names.filter((name) => name.toLowerCase() === 'host')
  if (hosts.length !== 1) return 'a request names one host'
  if (headers.upgrade !== undefined) return 'no other protocol is spoken here'
  return raw.url?.startsWith('/') ? undefined : 'a request names a path'
}

function isApi({ raw }: FastifyRequest): boolean {
  return raw.url?.startsWith('/api/') === true
}
