import type { TLSSocket } from 'node:tls'
import type { Clock } from '@vedette/shared/clock'
import { Refusal } from '@vedette/shared/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { About, JsonObject, Subject } from '../audit/act.ts'
import type { ActKind } from '../audit/kinds.ts'
import { addressOf } from '../gate/admission.ts'
import { type Hand, withoutPort } from '../hand.ts'
import type { AuditStore } from '../store/audit.ts'

/** Why somebody asks, percent-encoded UTF-8. */
export const REASON_HEADER = 'x-vedette-reason'
const LONGEST_REASON = 500
const CONTROL = /\p{Cc}/u

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request it is, from where and why. */
    hand: Hand
    /** What is recorded of it where its route names an act; a handler may say more. */
    recorded: { about: About; details?: JsonObject }
  }
  interface FastifyContextConfig {
    /** Recorded when the call has succeeded, before the answer goes out. */
    act?: ActKind
  }
}

/** What the ids in the paths of the desk's routes are ids of. */
const SUBJECTS: Record<string, Subject> = {
  entries: 'entry',
  alerts: 'alert',
  channels: 'channel',
  rejections: 'rejection',
  imports: 'import',
  invitations: 'invitation',
  incidents: 'incident',
  lists: 'list',
  models: 'model',
  plans: 'plan',
  troubles: 'trouble',
}

/** Sets who asks and why on every request, and records the calls whose routes say so. */
export function recording(app: FastifyInstance, audit: Pick<AuditStore, 'note'>, clock: Clock) {
  app.decorateRequest('hand')
  app.decorateRequest('recorded')
  app.addHook('onRequest', async (request) => {
    request.hand = handOf(request)
    request.recorded = { about: aboutOf(request) }
  })
  // What cannot be recorded is not shown: a fault here takes the place of the answer.
  app.addHook('onSend', async (request, reply, payload) => {
    const { act } = request.routeOptions.config
    if (act !== undefined && reply.statusCode < 400) {
      const { hand, recorded } = request
      await audit.note({ kind: act, hand, at: clock.now(), ...recorded })
    }
    return payload
  })
}

/** Whose request it is; nobody's where the route is open. */
export function handOf(request: FastifyRequest): Hand {
  const from = withoutPort(addressOf(request.raw.socket as TLSSocket))
  return { by: request.operator || 'unknown', from, why: reasonOf(request.headers[REASON_HEADER]) }
}

function reasonOf(header: string | string[] | undefined): string | null {
  if (header === undefined) return null
  const text = decoded(String(header))?.trim()
  if (text !== undefined && text.length <= LONGEST_REASON && !CONTROL.test(text)) {
    return text === '' ? null : text
  }
  throw new Refusal('request.invalid', `${REASON_HEADER}: expected one line of text`, {
    hint: `a reason has ${LONGEST_REASON} characters at most, percent-encoded as UTF-8`,
  })
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** What a request is about, as far as its path tells. */
function aboutOf(request: FastifyRequest): About {
  const params = request.params as Record<string, string>
  const { id, agent, camera } = params
  const words = (request.routeOptions.url ?? '').split('/')
  const collection = words[words.indexOf(':id') - 1]
  const subject = collection === undefined ? undefined : SUBJECTS[collection]
  return {
    ...(id !== undefined && subject !== undefined && { [subject]: id }),
    ...(agent !== undefined && { agent }),
    ...(agent !== undefined && camera !== undefined && { camera: `${agent}/${camera}` }),
  }
}
