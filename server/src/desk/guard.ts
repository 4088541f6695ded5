import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, Refusal, Unavailable } from '@vedette/shared/errors'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Lists } from '../lists/lists.ts'
import type { Caller } from '../operators/caller.ts'
import type { Operators } from '../operators/operators.ts'
import type { Permission } from '../operators/permissions.ts'
import { isAllowed, rolesWith } from '../operators/roles.ts'
import type { StepUp } from '../operators/step-up.ts'
import type { AuditStore } from '../store/audit.ts'
import type { Session } from '../store/operators/sessions.ts'
import { PASSWORD_HEADER } from './headers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The operator who asks; nobody where the route is open. */
    operator: string
    /** The serial number of the certificate that made this request, where one did. */
    serial: string
    /** What wrong passwords are counted by: a certificate, or a browser. */
    device: string
    /** Of a browser that is signed in. */
    session: Session | undefined
    /** Lets the answer to this request out although its session ends. */
    spare: (() => void) | null
    /** What they may do, and what is there for them. */
    caller: Caller
  }
  interface FastifyContextConfig {
    /** What whoever asks must be allowed to do. */
    needs?: Permission
    /** Asked by whoever is not signed in yet. */
    open?: true
    /** What a stolen certificate alone must not do: the account's password is asked for. */
    grave?: true
  }
}

/** A route of the desk, and what it asks of whoever calls. */
export type DeskRoute = { methods: string[]; url: string; needs: Permission | null; grave: boolean }

/** What is set on every request by whoever says who asks. */
export function identity(app: FastifyInstance): void {
  app.decorateRequest('operator', '')
  app.decorateRequest('serial', '')
  app.decorateRequest('device', '')
  app.decorateRequest('session')
  app.decorateRequest('spare', null)
  app.decorateRequest('caller')
}

/** They have asked for something. On a disk that is full people must still see that it is. */
export async function noteSeen(operators: Operators, name: string): Promise<void> {
  await operators.seen(name).catch((error) => {
    if (!(error instanceof Unavailable)) throw error
  })
}

/** Sees of the lists in scope those that admit them. */
export function admitted(caller: Caller, lists: Pick<Lists, 'admits'>): Caller {
  return { ...caller, sees: (list) => caller.sees(list) && lists.admits(list, caller.name) }
}

/** Judges whether they may; who may not is told so, and it is recorded. Gives what routes there are. */
export function permit(
  app: FastifyInstance,
  audit: Pick<AuditStore, 'note'>,
  stepUp: Pick<StepUp, 'check'>,
  clock: Pick<Clock, 'now'>,
): readonly DeskRoute[] {
  const routes: DeskRoute[] = []
  app.addHook('onRoute', (route) => {
    routes.push(routeOf(route))
  })
  app.addHook('onRequest', async (request) => {
    const { caller, hand, device, headers, routeOptions } = request
    const { needs, grave, open } = routeOptions.config
    if (open) return
    try {
      if (needs !== undefined && !isAllowed(caller.role, needs)) throw notAllowed(caller, needs)
      if (grave) await stepUp.check(caller.name, device, passwordOf(headers))
    } catch (error) {
      // Whoever is only asked for their password has not been refused yet.
      if (codeOf(error) === 'password.missing') throw error
      const about = { operator: caller.name }
      const details = { route: routeOptions.url ?? '', code: codeOf(error), needs: needs ?? null }
      await audit.note({ kind: 'operator.refused', hand, at: clock.now(), about, details })
      throw error
    }
  })
  return routes
}

/** The password that came with a request. Throws Refusal `password.wrong` for no percent-encoded text. */
export function passwordOf(headers: IncomingHttpHeaders): string | undefined {
  const header = headers[PASSWORD_HEADER]
  if (header === undefined) return undefined
  try {
    return decodeURIComponent(String(header))
  } catch (cause) {
    throw new Refusal('password.wrong', `${PASSWORD_HEADER}: expected percent-encoded UTF-8`, {
      cause,
    })
  }
}

/** No route is open to everybody by having been forgotten. */
function routeOf({ method, url, config }: RouteOptions): DeskRoute {
  const { needs = null, grave = false, open } = config ?? {}
  if ((needs === null) !== (open === true)) {
    throw new TypeError(`${method} ${url} says not what it needs`)
  }
  return { methods: [method].flat(), url, needs, grave }
}

function notAllowed({ name, role }: Caller, needs: Permission): Refusal {
  const roles = rolesWith(needs)
  return new Refusal('operator.not-allowed', `${name} is ${role}, which does not allow ${needs}`, {
    hint: `ask somebody who is one of: ${roles.join(', ')}`,
    params: { name, role, needs, roles },
  })
}
