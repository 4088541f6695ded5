import { askPassword } from './parts/ask.tsx'
import { PRESENT_HEADER, present } from './presence.ts'
import { DeskProblem } from './problem.ts'
import { problemWords } from './problem-words.ts'
import { csrf, ended } from './session.ts'
import { wordsOf } from './words.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type AskOptions = {
  /** Why it is done; goes to the record. */
  reason?: string | undefined
  signal?: AbortSignal
  headers?: Record<string, string>
  /** One question for the password is enough for all that shares this. */
  sharing?: { password?: string }
}

const PASSWORD_HEADER = 'x-vedette-password'
const REASON_HEADER = 'x-vedette-reason'
const CSRF_HEADER = 'x-vedette-csrf'

/**
 * The desk, as this browser's operator sees it. Every method throws DeskProblem; a body is sent as JSON,
 * or as it is where it is FormData.
 */
export const desk = {
  get: <T>(path: string, options?: AskOptions) => json<T>('GET', path, undefined, options),
  post: <T>(path: string, body?: object, options?: AskOptions) =>
    json<T>('POST', path, body, options),
  put: <T>(path: string, body?: object, options?: AskOptions) =>
    json<T>('PUT', path, body, options),
  patch: <T>(path: string, body?: object, options?: AskOptions) =>
    json<T>('PATCH', path, body, options),
  delete: <T = void>(path: string, body?: object, options?: AskOptions) =>
    json<T>('DELETE', path, body, options),
  /** The answer itself: streams, pictures, files. */
  ask: (method: Method, path: string, body?: object, options?: AskOptions) =>
    ask(method, path, body, options),
}

/** Where a picture or a file of the desk is found by the browser itself. */
export function urlOf(path: string): string {
  return `/api${path}`
}

async function json<T>(
  method: Method,
  path: string,
  body?: object,
  options?: AskOptions,
): Promise<T> {
  const answer = await ask(method, path, body, options)
  if (answer.status === 204) return undefined as T
  return (await answer.json()) as T
}

async function ask(
  method: Method,
  path: string,
  body?: object,
  options: AskOptions = {},
): Promise<Response> {
  try {
    return await send(method, path, body, options, options.sharing?.password)
  } catch (error) {
    if (!(error instanceof DeskProblem) || error.code !== 'password.missing') throw error
    return withPassword(error, async (password) => {
      const answer = await send(method, path, body, options, password)
      if (options.sharing) options.sharing.password = password
      return answer
    })
  }
}

/** Asks for it until it is right or whoever is asked gives up, which throws `first`. */
async function withPassword(
  first: DeskProblem,
  again: (password: string) => Promise<Response>,
): Promise<Response> {
  let problem: DeskProblem | undefined
  for (;;) {
    const password = await askPassword(problem)
    if (password === undefined) throw first
    try {
      return await again(password)
    } catch (error) {
      if (!(error instanceof DeskProblem) || !error.code.startsWith('password.')) throw error
      problem = error
    }
  }
}

async function send(
  method: Method,
  path: string,
  body: object | undefined,
  { reason, signal, headers }: AskOptions,
  password?: string,
): Promise<Response> {
  const isForm = body instanceof FormData
  const token = method === 'GET' ? undefined : csrf()
  const init: RequestInit = {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json, application/problem+json, */*',
      ...(token !== undefined && { [CSRF_HEADER]: token }),
      ...(present() && { [PRESENT_HEADER]: '1' }),
      ...(reason && { [REASON_HEADER]: encodeURIComponent(reason) }),
      ...(password !== undefined && { [PASSWORD_HEADER]: encodeURIComponent(password) }),
      ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  }
  const answer = await fetch(urlOf(path), init).catch((cause: unknown) => {
    if (signal?.aborted) throw cause
    const t = wordsOf('shell')
    const detail = t('unreachable.detail')
    throw new DeskProblem({
      code: 'desk.unreachable',
      status: 0,
      detail,
      hint: t('unreachable.hint'),
    })
  })
  if (answer.ok) return answer
  const problem = await problemOf(answer)
  if (problem.code === 'session.missing') ended()
  else await problemWords()
  throw problem
}

async function problemOf(answer: Response): Promise<DeskProblem> {
  const said = await answer.json().catch(() => undefined)
  if (said && typeof said.code === 'string') return new DeskProblem(said)
  const detail = `${answer.status} ${answer.statusText}`
  return new DeskProblem({ code: 'desk.unreadable', status: answer.status, detail })
}
