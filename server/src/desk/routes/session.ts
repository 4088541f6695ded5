import type { TLSSocket } from 'node:tls'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { addressOf } from '../../gate/admission.ts'
import { withoutPort } from '../../hand.ts'
import type { Permission } from '../../operators/permissions.ts'
import { permissionsOf, type Role } from '../../operators/roles.ts'
import type { Scope } from '../../operators/scope.ts'
import { csrfOf } from '../../operators/sessions.ts'
import type { Session } from '../../store/operators/sessions.ts'
import { cookieOf, DEVICE_COOKIE, dropCookie, SESSION_COOKIE, setCookie } from '../cookies.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'

/** Who is signed in, and what they may do. */
export type SessionAnswer = {
  name: string
  role: Role
  permissions: Permission[]
  scope: Scope
  /** To be sent with everything that changes something, header x-vedette-csrf. */
  csrf: string
  /** When it is over if nobody does anything, epoch milliseconds. */
  expiresAt: number
  /** Whether a code was asked for as well. */
  secondFactor: boolean
  /** A screen on the wall, which only shows. */
  wall: boolean
}

const DEVICE_LIFE_MS = 400 * 86_400_000
const LONGEST_BROWSER = 200

const credentials = z.strictObject({
  name: z.string().max(200),
  password: z.string().max(1024),
  wall: z.boolean().default(false),
})

/** Signing in at the console, and out. */
export async function sessionRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { operators, sessions, signIn, store, clock } = options

  const answerOf = (session: Session, token: string): SessionAnswer => {
    const { role, lists, cameras } = operators.get(session.operator)
    const shown = session.wall ? 'viewer' : role
    return {
      name: session.operator,
      role: shown,
      permissions: permissionsOf(shown),
      scope: { lists, cameras },
      csrf: csrfOf(token),
      expiresAt: sessions.expiresAt(session),
      secondFactor: session.secondFactor,
      wall: session.wall,
    }
  }

  app.post('/session', { config: { open: true } }, async (request, reply) => {
    const typed = parse(credentials, request.body)
    const address = withoutPort(addressOf(request.raw.socket as TLSSocket))
    const { token, session, device, operator } = await signIn.attempt({
      ...typed,
      address,
      browser: browserOf(request),
      device: cookieOf(request, DEVICE_COOKIE),
    })
    const former = cookieOf(request, SESSION_COOKIE)
    const before = former && (await sessions.find(former))
    if (before) await sessions.end(before.id)
    const hand = { by: operator.name, from: address, why: null }
    const about = { operator: operator.name }
    const details = { wall: session.wall, secondFactor: session.secondFactor }
    await store.audit
      .note({ kind: 'operator.signed-in', hand, at: clock.now(), about, details })
      .catch(async (error) => {
        await sessions.end(session.id)
        throw error
      })
    const life = session.wall ? session.endsAt - clock.now() : undefined
    setCookie(reply, SESSION_COOKIE, token, life)
    setCookie(reply, DEVICE_COOKIE, device, DEVICE_LIFE_MS)
    return reply.header('cache-control', 'no-store').send(answerOf(session, token))
  })

  app.get('/session', { config: { needs: 'status.view' } }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    return answerOf(request.session!, cookieOf(request, SESSION_COOKIE)!)
  })

  const out = { config: { needs: 'status.view', wall: true, act: 'operator.signed-out' } } as const
  app.delete('/session', out, async (request, reply) => {
    request.recorded = { about: { operator: request.operator } }
    request.spare?.()
    await sessions.end(request.session!.id)
    dropCookie(reply, SESSION_COOKIE)
    return reply.code(204).send()
  })
}

/** What a browser calls itself. */
function browserOf({ headers }: FastifyRequest): string {
  return (headers['user-agent'] ?? '').replace(/\p{Cc}/gu, '').slice(0, LONGEST_BROWSER)
}
