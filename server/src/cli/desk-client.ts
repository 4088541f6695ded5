import type { Readable } from 'node:stream'
import { codeOf, messageOf, Unavailable } from '@vedette/shared/errors'
import { type Credentials, dialOptions } from '@vedette/shared/tls'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { Agent, type Dispatcher, FormData, request } from 'undici'
import { PASSWORD_HEADER } from '../desk/headers.ts'
import { PROBLEM_TYPE, type Problem } from '../desk/problem.ts'
import { REASON_HEADER } from '../desk/recording.ts'
import { DeskFault } from './desk-fault.ts'

export type DeskClientOptions = {
  reason?: string
  password?: () => Promise<string | undefined>
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The desk shows that it is alive more than twice in this time, milliseconds. */
const DEAD_MS = 35_000

/** Asks the desk over HTTPS with an operator's certificate. */
export class DeskClient {
  readonly #origin: string
  readonly #agent: Agent
  readonly #reason: string | undefined
  readonly #password: () => Promise<string | undefined>

  /**
   * `address` is HOST:PORT; `reason` is why whoever asks does, `password` asks them for theirs where
   * the desk wants it.
   */
  constructor(
    address: string,
    credentials: Credentials,
    { reason, password = async () => undefined }: DeskClientOptions = {},
  ) {
    this.#reason = reason
    this.#password = password
    this.#origin = `https://${address}`
    const connect = dialOptions(credentials, { role: 'server' }) as NonNullable<
      Agent.Options['connect']
    >
    this.#agent = new Agent({ connect, bodyTimeout: 0 })
  }

  /** The JSON answer. Throws DeskFault, or Unavailable `desk.unreachable`. */
  async json<T>(
    method: Method,
    path: string,
    body?: FormData | object,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const answer = await this.#ask(method, path, body, { headers })
    if (answer.statusCode === 204) return undefined as T
    return (await answer.body.json()) as T
  }

  async bytes(path: string): Promise<Buffer> {
    const answer = await this.#ask('GET', path)
    return Buffer.from(await answer.body.arrayBuffer())
  }

  /** The body of an answer as it comes. */
  async stream(path: string): Promise<Readable> {
    return (await this.#ask('GET', path)).body
  }

  /**
   * Server-sent events from `path` until the desk or the signal ends them. Throws Unavailable
   * `desk.unreachable` when nothing comes any more, not even signs of life.
   */
  async *events(
    path: string,
    signal: AbortSignal,
    { deadAfter = DEAD_MS } = {},
  ): AsyncGenerator<EventSourceMessage> {
    const answer = await this.#ask('GET', path, undefined, { signal, bodyTimeout: deadAfter })
    const ready: EventSourceMessage[] = []
    const parser = createParser({ onEvent: (event) => ready.push(event) })
    const decoder = new TextDecoder()
    try {
      for await (const chunk of answer.body) {
        parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }))
        yield* ready.splice(0)
      }
    } catch (error) {
      if (!signal.aborted) throw unreachable(this.#origin, error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }

  async #ask(
    method: Method,
    path: string,
    body?: FormData | object,
    more: { signal?: AbortSignal; bodyTimeout?: number; headers?: Record<string, string> } = {},
  ): Promise<Dispatcher.ResponseData> {
    try {
      return await this.#send(method, path, body, more)
    } catch (error) {
      if (codeOf(error) !== 'password.missing') throw error
      const password = await this.#password()
      if (password === undefined) throw error
      return this.#send(method, path, body, more, password)
    }
  }

  async #send(
    method: Method,
    path: string,
    body: FormData | object | undefined,
    more: { signal?: AbortSignal; bodyTimeout?: number; headers?: Record<string, string> },
    password?: string,
  ): Promise<Dispatcher.ResponseData> {
    const { headers, ...rest } = more
    const isForm = body instanceof FormData
    const answer = await request(`${this.#origin}/api${path}`, {
      dispatcher: this.#agent,
      method,
      body: body === undefined ? null : isForm ? body : JSON.stringify(body),
      headers: {
        ...(this.#reason !== undefined && { [REASON_HEADER]: encodeURIComponent(this.#reason) }),
        ...(password !== undefined && { [PASSWORD_HEADER]: encodeURIComponent(password) }),
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...rest,
    }).catch((error: unknown) => {
      throw unreachable(this.#origin, error)
    })
    if (answer.statusCode < 400) return answer
    const isProblem = String(answer.headers['content-type']).startsWith(PROBLEM_TYPE)
    if (isProblem) throw new DeskFault((await answer.body.json()) as Problem)
    await answer.body.dump()
    throw unreachable(this.#origin, `HTTP status ${answer.statusCode}`)
  }
}

function unreachable(origin: string, cause: unknown): Unavailable {
  const said = `${messageOf(cause)} (${codeOf(cause)})`
  return new Unavailable('desk.unreachable', `no answer from ${origin}: ${said}`, {
    cause,
    hint: 'is the server running? start it with: vedette-server',
  })
}
