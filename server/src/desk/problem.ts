import {
  codeOf,
  Fault,
  type FaultParams,
  messageOf,
  Refusal,
  Unavailable,
} from '@vedette/shared/errors'
import { EnrolmentRefusal, type Findings } from '../gallery/enrolment-answer.ts'
import { PROBLEM_CODES } from './problem-codes.ts'

/** The media type of a Problem. */
export const PROBLEM_TYPE = 'application/problem+json'

/** An error as the desk sends it. Source: RFC 9457, Problem Details for HTTP APIs. */
export type Problem = {
  type: string
  title: string
  status: number
  code: string
  detail: string
  /** The request, by which the server's log is searched: urn:uuid:… */
  instance?: string
  hint?: string
  /** Seconds, where it is known when the same may succeed. */
  retryAfter?: number
  /** What detail and hint say by name and number. */
  params?: FaultParams
  /** Of an enrolment: all that was found, see EnrolmentRefusal. */
  findings?: Findings
}

const STATUS: Record<string, number> = {
  'entry.not-found': 404,
  'alert.not-found': 404,
  'list.not-found': 404,
  'model.not-found': 404,
  'model.incomplete': 409,
  'model.uncalibrated': 422,
  'rejection.not-found': 404,
  'camera.not-found': 404,
  'channel.not-found': 404,
  'channel.too-many': 409,
  'channel.off': 409,
  'trouble.not-found': 404,
  'geocode.not-found': 404,
  'plan.not-found': 404,
  'plan.too-many': 409,
  'agent.not-found': 404,
  'crl.not-found': 404,
  'threshold.not-found': 404,
  'invitation.not-found': 404,
  'invitation.wrong-state': 409,
  'certificate.not-found': 404,
  'certificate.wrong-state': 409,
  'certificate.exists': 409,
  'route.not-found': 404,
  'alert.own': 403,
  'alert.too-late': 409,
  'alert.wrong-state': 409,
  'camera.connected': 409,
  'rotation.wrong-state': 409,
  'entry.last-photo': 409,
  'entry.duplicate': 409,
  'request.key-reused': 422,
  'list.exists': 409,
  'list.not-empty': 409,
  'list.last': 409,
  'list.same': 409,
  'entry.wrong-state': 409,
  'entry.unmergeable': 409,
  'entry.unsplittable': 409,
  'request.too-many': 429,
  'request.not-found': 404,
  'request.decided': 409,
  'request.expired': 409,
  'request.own': 403,
  'request.forbidden': 403,
  'enrolment.throttled': 429,
  'import.not-found': 404,
  'import.own': 403,
  'import.spent': 409,
  'import.too-many': 409,
  'import.wrong-state': 409,
  'live.full': 503,
  'live.not-seen': 409,
  'live.too-many': 429,
  'operator.disabled': 403,
  'operator.exists': 409,
  'operator.last-admin': 409,
  'operator.not-allowed': 403,
  'operator.not-found': 404,
  'operator.own': 403,
  'operator.throttled': 429,
  'operator.unknown': 403,
  'password.missing': 401,
  'password.wait': 429,
  'password.wrong': 401,
  'photo.too-large': 413,
  'captcha.missing': 401,
  'captcha.wrong': 401,
  'second-factor.exists': 409,
  'second-factor.none': 409,
  'second-factor.off': 409,
  'session.csrf': 403,
  'session.foreign': 403,
  'session.missing': 401,
  'session.not-found': 404,
  'session.owes': 403,
  'session.wall': 403,
  'signin.refused': 401,
  'signin.stopped': 429,
  'signin.wait': 429,
  'vault.no-newer': 409,
  'vault.not-done': 409,
  'store.full': 507,
}

/** The answer to a request that failed; what is not a Fault is not explained to the outside. */
export function problemOf(error: unknown, request: string): Problem {
  const instance = `urn:uuid:${request}`
  if (!(error instanceof Fault)) return { ...plain(error), instance }
  const { code, hint, retryAfter, params } = error
  return {
    type: `urn:vedette:problem:${code}`,
    title: error.name,
    status: STATUS[code] ?? usualStatus(error),
    code,
    detail: messageOf(error),
    instance,
    ...(hint && { hint }),
    ...(params && { params }),
    ...(error instanceof EnrolmentRefusal && { findings: error.findings }),
    ...(retryAfter !== undefined && { retryAfter: Math.ceil(retryAfter / 1000) }),
  }
}

/** Every code with the status that it comes with. */
export function statuses(): Record<string, number> {
  const { refusals, unavailable, integrity, config, others } = PROBLEM_CODES
  const usual: [readonly string[], (code: string) => number][] = [
    [refusals, refusedStatus],
    [unavailable, () => 503],
    [[...integrity, ...config, ...others], () => 500],
  ]
  return Object.fromEntries(
    usual.flatMap(([codes, status]) => codes.map((code) => [code, STATUS[code] ?? status(code)])),
  )
}

function refusedStatus(code: string): number {
  return code.startsWith('photo.') ? 422 : 400
}

function usualStatus(error: Fault): number {
  if (error instanceof Unavailable) return 503
  if (!(error instanceof Refusal)) return 500
  return refusedStatus(error.code)
}

/** Fastify's own refusals carry a status; anything else is a fault of ours. */
function plain(error: unknown): Problem {
  const status =
    error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
      ? error.statusCode
      : 500
  const code = status < 500 ? 'request.invalid' : 'internal'
  const detail = status < 500 ? messageOf(error) : `internal error (${codeOf(error)})`
  return { type: `urn:vedette:problem:${code}`, title: 'Error', status, code, detail }
}
