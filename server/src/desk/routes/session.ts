import type { TLSSocket } from 'node:tls'
import { codeOf } from '@vedette/shared/errors'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { addressOf } from '../../gate/admission.ts'
import { withoutPort } from '../../hand.ts'
import { SPOKEN } from '../../operators/captcha-sound.ts'
import type { PuzzleAnswer } from '../../operators/captchas.ts'
import { permissionsOf } from '../../operators/roles.ts'
import { csrfOf, newToken } from '../../operators/sessions.ts'
import type { Session } from '../../store/operators/sessions.ts'
import type { DoorAnswer, SessionAnswer } from '../answered/session.ts'
import { doorAnswer, puzzleAnswer, sessionAnswer } from '../answers/operators.ts'
import {
  cookieOf,
  DEVICE_COOKIE,
  dropCookie,
  SESSION_COOKIE,
  setCookie,
  VISIT_COOKIE,
} from '../cookies.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

const DEVICE_LIFE_MS = 400 * 86_400_000
const LONGEST_BROWSER = 200
/** Wrong guesses in a row that are worth a line in the record. */
const TOLD: ReadonlySet<number> = new Set([1, 3, 10, 30, 100])

const credentials = z.strictObject({
  name: z.string().max(200),
  password: z.string().max(1024),
  wall: z.boolean().default(false),
  /** From an authenticator app. */
  code: z.string().trim().max(40).optional(),
  captcha: z
    .strictObject({
      token: z.string().max(200),
      code: z.string().max(20),
      challenge: z.looseObject({
        parameters: z.looseObject({ data: z.record(z.string(), z.string()).optional() }),
      }),
      solution: z.looseObject({ counter: z.number(), derivedKey: z.string().max(200) }),
    })
    .optional(),
})
const puzzled = z.strictObject({
  name: z.string().max(200),
  /** As a sound too, in that language. */
  sound: z.enum(SPOKEN).optional(),
})

/** Signing in at the console, and out. */
export async function sessionRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { operators, sessions, signIn, store, clock } = options

  const answerOf = (session: Session, token: string): SessionAnswer => {
    const { role, lists, cameras } = operators.get(session.operator)
    const shown = session.wall ? 'viewer' : role
    return {
      name: session.operator,
      role: shown,
      permissions: session.owes === null ? permissionsOf(shown) : [],
      scope: { lists, cameras },
      csrf: csrfOf(token),
      expiresAt: sessions.expiresAt(session),
      secondFactor: session.secondFactor,
      wall: session.wall,
      owes: session.owes,
    }
  }

  app.get(
    '/door',
    {
      config: { open: true },
      schema: { summary: 'How people sign in here', answers: { 200: doorAnswer } },
    },
    (): DoorAnswer => ({
      secondFactor: options.secondFactor,
      languages: SPOKEN,
    }),
  )

  app.post(
    '/session/puzzle',
    {
      config: { open: true },
      schema: {
        summary: 'A code to be read or heard',
        answers: { 200: puzzleAnswer },
        body: puzzled,
      },
    },
    async (request, reply) => {
      const { name, sound } = request.body
      const visit = cookieOf(request, VISIT_COOKIE) ?? newToken()
      const puzzle = await signIn.puzzle({ visit, name, address: addressed(request) }, sound)
      setCookie(reply, VISIT_COOKIE, visit)
      return reply.header('cache-control', 'no-store').send(puzzle)
    },
  )

  /** Once for so many in a row: whoever guesses all night does not fill the record. */
  const noteFailure = async (name: string, from: string, error: unknown): Promise<void> => {
    // What is typed as a name may be a password: what is nobody's is not repeated.
    if (codeOf(error) !== 'signin.refused' || operators.find(name) === undefined) return
    const { failures } = await signIn.held(name)
    if (!TOLD.has(failures)) return
    const hand = { by: 'unknown', from, why: null }
    const about = { operator: name }
    const kind = 'operator.sign-in-failed'
    await store.audit.note({ kind, hand, at: clock.now(), about, details: { failures } })
  }

  app.post(
    '/session',
    {
      config: { open: true },
      schema: { summary: 'Sign in', answers: { 200: sessionAnswer }, body: credentials },
    },
    async (request, reply) => {
      const { captcha, ...typed } = request.body
      const address = addressed(request)
      const visit = cookieOf(request, VISIT_COOKIE) ?? ''
      const { token, session, device, operator } = await signIn
        .attempt({
          ...typed,
          address,
          browser: browserOf(request),
          device: cookieOf(request, DEVICE_COOKIE),
          ...(captcha && { captcha: { answer: captcha as unknown as PuzzleAnswer, visit } }),
        })
        .catch(async (error) => {
          await noteFailure(typed.name, address, error)
          throw error
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
    },
  )

  app.get(
    '/session',
    {
      config: { needs: 'status.view', owing: true },
      schema: { summary: 'Who is signed in', answers: { 200: sessionAnswer } },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return answerOf(request.session!, cookieOf(request, SESSION_COOKIE)!)
    },
  )

  const mayGo = { needs: 'status.view', wall: true, owing: true } as const
  const config = { ...mayGo, act: 'operator.signed-out' } as const
  app.delete(
    '/session',
    { config, schema: { summary: 'Sign out', answers: { 204: null } } },
    async (request, reply) => {
      request.recorded = { about: { operator: request.operator } }
      request.spare?.()
      const { id, device } = request.session!
      await options.channels.signedOut(request.operator, device, request.hand)
      await sessions.end(id)
      dropCookie(reply, SESSION_COOKIE)
      return reply.code(204).send()
    },
  )
}

function addressed(request: FastifyRequest): string {
  return withoutPort(addressOf(request.raw.socket as TLSSocket))
}

/** What a browser calls itself. */
function browserOf({ headers }: FastifyRequest): string {
  return (headers['user-agent'] ?? '').replace(/\p{Cc}/gu, '').slice(0, LONGEST_BROWSER)
}
