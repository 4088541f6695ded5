import type { TLSSocket } from 'node:tls'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, IdentityFault, Refusal, Unavailable } from '@vedette/shared/errors'
import type { Peer } from '@vedette/shared/tls'
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { addressOf, admit, type Register } from '../gate/admission.ts'
import type { Lists } from '../lists/lists.ts'
import type { Caller } from '../operators/caller.ts'
import type { Operators } from '../operators/operators.ts'
import type { Permission } from '../operators/permissions.ts'
import { isAllowed, rolesWith } from '../operators/roles.ts'
import type { StepUp } from '../operators/step-up.ts'
import type { AuditStore } from '../store/audit.ts'
import type { Callers } from './callers.ts'
import { PASSWORD_HEADER } from './headers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The operator whose certificate made this request. */
    operator: string
    /** The serial number of that certificate. */
    serial: string
    /** What they may do, and what is there for them. */
    caller: Caller
  }
  interface FastifyContextConfig {
    /** What whoever asks must be allowed to do. */
    needs?: Permission
    /** What a stolen certificate alone must not do: the account's password is asked for. */
    grave?: true
  }
}

/** A route of the desk, and what it asks of whoever calls. */
export type DeskRoute = { methods: string[]; url: string; needs: Permission; grave: boolean }

export type GuardOptions = {
  ledger: Register
  operators: Operators
  lists: Pick<Lists, 'admits'>
  callers: Callers
  clock: Clock
}

/** Judges who asks before anything of a request is read, and that they have an account. */
export function identify(app: FastifyInstance, options: GuardOptions): void {
  const { ledger, operators, lists, callers, clock } = options
  app.decorateRequest('operator', '')
  app.decorateRequest('serial', '')
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request) => {
    const peer = await operatorOf(request, ledger, clock)
    request.operator = peer.identity.name
    request.serial = peer.serial
    request.caller = admitted(operators.caller(request.operator), lists)
    callers.note(request.raw.socket as TLSSocket, peer)
    // On a disk that is full people must still see that it is.
    await operators.seen(request.operator).catch((error) => {
      if (!(error instanceof Unavailable)) throw error
    })
  })
}

/** Sees of the lists in scope those that admit them. */
function admitted(caller: Caller, lists: Pick<Lists, 'admits'>): Caller {
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
    const { caller, hand, serial, headers, routeOptions } = request
    const { needs, grave } = routeOptions.config
    try {
      if (needs !== undefined && !isAllowed(caller.role, needs)) throw notAllowed(caller, needs)
      if (grave) await stepUp.check(caller.name, serial, passwordOf(headers[PASSWORD_HEADER]))
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

/** Throws Refusal `password.wrong` for what is no percent-encoded text. */
function passwordOf(header: string | string[] | undefined): string | undefined {
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
  if (config?.needs === undefined) throw new TypeError(`${method} ${url} says not what it needs`)
  const { needs, grave = false } = config
  return { methods: [method].flat(), url, needs, grave }
}

function notAllowed({ name, role }: Caller, needs: Permission): Refusal {
  const roles = rolesWith(needs).join(', ')
  return new Refusal('operator.not-allowed', `${name} is ${role}, which does not allow ${needs}`, {
    hint: `ask somebody who is one of: ${roles}`,
  })
}

/** Asked on every request: a connection may outlive the certificate that opened it. */
async function operatorOf(request: FastifyRequest, ledger: Register, clock: Clock): Promise<Peer> {
  const socket = request.raw.socket as TLSSocket
  try {
    const peer = await admit(socket, 'operator', ledger)
    if (peer.notAfter <= clock.now()) {
      throw new IdentityFault('identity.expired', 'certificate expired')
    }
    return peer
  } catch (error) {
    if (!(error instanceof IdentityFault)) throw error
    throw new Refusal('request.forbidden', `${addressOf(socket)}: ${error.message}`, {
      hint: 'use the certificate of an operator: --operator NAME',
    })
  }
}
