import type { TLSSocket } from 'node:tls'
import type { Clock } from '@vedette/shared/clock'
import { IdentityFault, Refusal } from '@vedette/shared/errors'
import type { Peer } from '@vedette/shared/tls'
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { addressOf, admit, type Register } from '../gate/admission.ts'
import type { Lists } from '../lists/lists.ts'
import type { Caller } from '../operators/caller.ts'
import type { Operators } from '../operators/operators.ts'
import type { Permission } from '../operators/permissions.ts'
import { isAllowed, rolesWith } from '../operators/roles.ts'
import type { AuditStore } from '../store/audit.ts'
import type { Callers } from './callers.ts'

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
    await operators.seen(request.operator)
  })
}

/** Sees of the lists in scope those that admit them. */
function admitted(caller: Caller, lists: Pick<Lists, 'admits'>): Caller {
  return { ...caller, sees: (list) => caller.sees(list) && lists.admits(list, caller.name) }
}

/** Judges whether they may. Who may not is told so, and it is recorded. */
export function permit(
  app: FastifyInstance,
  audit: Pick<AuditStore, 'note'>,
  clock: Pick<Clock, 'now'>,
): void {
  app.addHook('onRoute', mustNeed)
  app.addHook('onRequest', async ({ caller, hand, routeOptions }) => {
    const { needs } = routeOptions.config
    if (needs === undefined || isAllowed(caller.role, needs)) return
    const refusal = notAllowed(caller, needs)
    const about = { operator: caller.name }
    const details = { route: routeOptions.url ?? '', code: refusal.code, needs }
    await audit.note({ kind: 'operator.refused', hand, at: clock.now(), about, details })
    throw refusal
  })
}

/** No route is open to everybody by having been forgotten. */
function mustNeed({ method, url, config }: RouteOptions): void {
  if (config?.needs === undefined) throw new TypeError(`${method} ${url} says not what it needs`)
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
