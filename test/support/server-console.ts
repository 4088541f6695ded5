import type { SessionAnswer } from '@vedette/server/desk/answered/session'
import { CSRF_HEADER } from '@vedette/server/desk/headers'
import { COST } from '@vedette/server/operators/password-cost'
import type { Role } from '@vedette/server/operators/roles'
import type { Scope } from '@vedette/server/operators/scope'
import argon2 from 'argon2'
import { Agent, request } from 'undici'
import { type Answer, jsonOf, type TestDesk } from './server-desk.ts'

/** Long enough by itself. */
export const PASSWORD = 'correct horse battery staple'

/** As the file has it, for an account that is made without asking; cheap to check. */
export function encoded(password = PASSWORD): Promise<string> {
  return argon2.hash(password.normalize('NFKC'), { ...COST, memoryCost: 1024, timeCost: 2 })
}

/** An account that may sign in at the console with PASSWORD. */
export async function signable(
  desk: TestDesk,
  name: string,
  role: Role,
  scope: Partial<Scope> = {},
): Promise<void> {
  await desk.account(name, role, { ...scope, password: await encoded() })
}

type Asked = {
  method?: string
  body?: unknown
  /** In the place of a body: as it is. */
  raw?: string
  headers?: Record<string, string>
}

/** Asks the console's door as a browser would: it keeps cookies, and says where it comes from. */
export class Browser {
  readonly origin: string
  readonly cookies = new Map<string, string>()
  readonly #agent = new Agent({ connect: { rejectUnauthorized: false }, connections: 4 })
  csrf: string | undefined

  constructor(port: number) {
    this.origin = `https://127.0.0.1:${port}`
  }

  async ask(path: string, asked: Asked = {}): Promise<Answer> {
    const answer = await this.open(path, asked)
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    const type = String(answer.headers['content-type'])
    return { status: answer.statusCode, type, bytes, headers: answer.headers }
  }

  /** The same; resolves when the desk has begun to answer. */
  async open(path: string, { method = 'GET', body, raw, headers = {} }: Asked = {}) {
    const answer = await request(this.origin + path, {
      method: method as 'GET',
      dispatcher: this.#agent,
      headers: {
        'sec-fetch-site': 'same-origin',
        'sec-fetch-mode': 'cors',
        ...(method !== 'GET' && { origin: this.origin }),
        ...(this.cookies.size > 0 && { cookie: this.cookie }),
        ...(this.csrf && { [CSRF_HEADER]: this.csrf }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(raw !== undefined && { body: raw }),
    })
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) this.#keep(line)
    return answer
  }

  /** Asks with these headers and no others. */
  async bare(path: string, { method = 'GET', raw, headers = {} }: Asked): Promise<Answer> {
    const options = { method: method as 'GET', dispatcher: this.#agent, headers }
    const answer = await request(this.origin + path, { ...options, ...(raw && { body: raw }) })
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    const type = String(answer.headers['content-type'])
    return { status: answer.statusCode, type, bytes, headers: answer.headers }
  }

  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Signs in, or gives the refusal. */
  async signIn(name: string, password = PASSWORD, more: object = {}): Promise<Answer> {
    const body = { name, password, ...more }
    const answer = await this.ask('/api/session', { method: 'POST', body })
    if (answer.status === 200) this.csrf = jsonOf<SessionAnswer>(answer).csrf
    return answer
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = '', value = ''] = pair.split('=', 2)
    if (attributes.includes('Max-Age=0')) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }
}
