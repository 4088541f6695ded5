import type { TLSSocket } from 'node:tls'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, IdentityFault, Refusal, Unavailable } from '@vedette/shared/errors'
import type { Peer } from '@vedette/shared/tls'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { addressOf, admit, type Register } from '../gate/admission.ts'
import { withoutPort } from '../hand.ts'
import type { Lists } from '../lists/lists.ts'
import type { Operators } from '../operators/operators.ts'
import type { Store } from '../store/store.ts'
import type { Callers } from './callers.ts'
import { admitted, identity, noteSeen } from './guard.ts'
import { handOf } from './recording.ts'

export type CertificateOptions = {
  ledger: Register
  operators: Operators
  lists: Pick<Lists, 'admits'>
  store: { audit: Pick<Store['audit'], 'note'> }
  callers: Callers
  clock: Clock
}

/** People are known by the certificate of their connection, and that they have an account. */
export function byCertificate(app: FastifyInstance, options: CertificateOptions): void {
  const { ledger, operators, lists, callers, clock } = options
  identity(app)
  app.addHook('onRequest', async (request) => {
    const peer = await operatorOf(request, ledger, clock)
    request.operator = peer.identity.name
    request.serial = peer.serial
    request.device = peer.serial
    request.caller = admitted(operators.caller(request.operator), lists)
    callers.note(request.raw.socket as TLSSocket, peer)
    await noteSeen(operators, request.operator)
  })
  recordArrivals(app, options)
}

/** The first request of each connection is a sign-in. */
function recordArrivals(app: FastifyInstance, { store, clock }: CertificateOptions): void {
  /** Connections whose first request is recorded. */
  const known = new WeakSet<object>()
  app.addHook('onRequest', async (request) => {
    const { serial, raw } = request
    if (known.has(raw.socket)) return
    known.add(raw.socket)
    const hand = handOf(request)
    const about = { operator: hand.by, certificate: serial }
    await store.audit
      .note({ kind: 'operator.signed-in', hand, at: clock.now(), about })
      .catch((error) => {
        // While nothing can be written people must see that it is so. What is to be recorded by itself
        // is refused by itself, and the sign-in is recorded with the first request that can be.
        if (!(error instanceof Unavailable)) throw error
        known.delete(raw.socket)
      })
  })
  app.addHook('onError', async ({ raw }, _reply, error) => {
    const socket = raw.socket as TLSSocket
    if (codeOf(error) !== 'request.forbidden' || known.has(socket)) return
    known.add(socket)
    const hand = { by: 'unknown', from: withoutPort(addressOf(socket)), why: null }
    const certificate = socket.getPeerX509Certificate()?.serialNumber.toLowerCase()
    const details = { code: codeOf(error.cause ?? error) }
    await store.audit.note({
      kind: 'operator.refused',
      ...{ hand, at: clock.now(), about: { certificate }, details },
    })
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
