import { timingSafeEqual } from 'node:crypto'
import { Refusal } from '@vedette/shared/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Lists } from '../lists/lists.ts'
import type { Caller } from '../operators/caller.ts'
import type { Operators } from '../operators/operators.ts'
import { csrfOf, type Sessions } from '../operators/sessions.ts'
import type { Owed } from '../store/operators/sessions.ts'
import { cookieOf, SESSION_COOKIE } from './cookies.ts'
import { admitted, identity, noteSeen } from './guard.ts'
import { CSRF_HEADER, PRESENT_HEADER } from './headers.ts'
import type { Visits } from './visits.ts'

export type SessionOptions = {
  sessions: Sessions
  operators: Operators
  lists: Pick<Lists, 'admits' | 'find'>
  visits: Visits
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * People are known by the session of their browser. Only what a person does keeps a session from
 * going idle: what changes something, and what the page says was asked for while somebody was there.
 */
export function bySession(app: FastifyInstance, options: SessionOptions): void {
  const { sessions, operators, lists, visits } = options
  identity(app)
  app.addHook('onRequest', async (request, reply) => {
    const safe = SAFE.has(request.method)
    refuseForeign(request, safe)
    if (request.routeOptions.config.open) return
    const token = cookieOf(request, SESSION_COOKIE)
    const found = token === undefined ? undefined : await sessions.find(token)
    if (token === undefined || found === undefined) throw notSignedIn()
    if (!safe && !matches(request.headers[CSRF_HEADER], csrfOf(token))) {
      throw new Refusal('session.csrf', `${CSRF_HEADER} is missing or not of this session`, {
        hint: 'load the page again',
      })
    }
    const caller = admitted(operators.caller(found.operator), lists)
    const { wall, owing } = request.routeOptions.config
    if (found.wall && !safe && !wall) throw onlyShows()
    if (found.owes !== null && !owing) throw owes(found.owes)
    const present = !safe || request.headers[PRESENT_HEADER] === '1'
    const session = present ? await sessions.acted(found) : found
    request.operator = session.operator
    request.device = `browser-${session.device}`
    request.session = session
    request.caller = session.wall ? showing(caller, lists) : caller
    request.spare = visits.note(session, reply)
    await noteSeen(operators, session.operator)
  })
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Changes nothing but the session itself: a screen on the wall may too. */
    wall?: true
    /** Also for whoever must put something right before anything else. */
    owing?: true
  }
}

/**
 * What another site makes a browser ask is refused by what the browser says of it.
 * Source: W3C Fetch Metadata Request Headers; OWASP CSRF Prevention.
 */
function refuseForeign({ headers, routeOptions }: FastifyRequest, safe: boolean): void {
  // A link in a letter may lead here: the page is the same for everybody.
  const follows =
    headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  if (safe && follows && routeOptions.config.open) return
  const site = headers['sec-fetch-site']
  const sameSite = site === undefined || site === 'same-origin' || (safe && site === 'none')
  const origin = headers.origin
  const sameOrigin = origin === undefined || origin === `https://${headers.host}`
  if (sameSite && sameOrigin) return
  throw new Refusal('session.foreign', 'asked for by a page of another site', {
    hint: 'open the console itself',
  })
}

/** Only ever what everybody may see: of lists that keep their names from boards, that something waits. */
function showing(caller: Caller, lists: Pick<Lists, 'find'>): Caller {
  const sees = (list: string) => caller.sees(list) && lists.find(list)?.boardNames === true
  return { ...caller, role: 'viewer', sees, boards: caller.sees }
}

function matches(header: string | string[] | undefined, csrf: string): boolean {
  if (typeof header !== 'string') return false
  const [given, due] = [Buffer.from(header), Buffer.from(csrf)]
  return given.length === due.length && timingSafeEqual(given, due)
}

function notSignedIn(): Refusal {
  return new Refusal('session.missing', 'nobody is signed in here', { hint: 'sign in' })
}

function onlyShows(): Refusal {
  return new Refusal('session.wall', 'this screen only shows', {
    hint: 'sign in at another to do something',
  })
}

function owes(owed: Owed): Refusal {
  const what = { password: 'another password', 'second-factor': 'a second factor' }[owed]
  return new Refusal('session.owes', `${what} comes before anything else`, {
    hint: 'the console asks for it after signing in',
    params: { owed },
  })
}
