import type { FastifyReply, FastifyRequest } from 'fastify'

/** Who is signed in. `__Host-`: no other host, and nothing in clear, can have set it. */
export const SESSION_COOKIE = '__Host-vedette'
/** From which browser: what it holds from one session to the next. */
export const DEVICE_COOKIE = '__Host-vedette-device'

/** Before anybody is signed in: to whom a puzzle was put. */
export const VISIT_COOKIE = '__Host-vedette-visit'

const ALWAYS = 'Path=/; Secure; HttpOnly; SameSite=Strict'
const TOKEN = /^[\w-]{43}$/

/** The value of cookie `name`, where it is one of ours. */
export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name && value !== undefined && TOKEN.test(value)) return value
  }
  return undefined
}

/** `life` in milliseconds; without one it goes with the browser. */
export function setCookie(reply: FastifyReply, name: string, value: string, life?: number): void {
  const age = life === undefined ? '' : `; Max-Age=${Math.floor(life / 1000)}`
  reply.header('set-cookie', `${name}=${value}; ${ALWAYS}${age}`)
}

export function dropCookie(reply: FastifyReply, name: string): void {
  reply.header('set-cookie', `${name}=; ${ALWAYS}; Max-Age=0`)
}
