import type { Revoked } from '@vedette/certs/revoking'
import { PHASES } from '@vedette/certs/state'
import { z } from 'zod'
import type { Readiness } from '../../authority/followers.ts'
import type { Renewed } from '../../authority/registrar.ts'
import type { CertsStatus } from '../../authority/status.ts'
import type { Refreshed } from '../answered/authorities.ts'
import { count, exactly, number, span, text, texts, time, timeOrNull } from './exactly.ts'

const role = z.enum(['server', 'agent', 'operator'])
const phase = z.enum(PHASES)
const kind = z.enum(['root', 'issuing'])
const behind = z.strictObject({
  role: z.enum(['agent', 'operator']),
  name: text,
  lacks: z.enum(['roots', 'certificate']),
})
const life = { notBefore: time, notAfter: time, used: number.describe('share of its life') }

export const renewedAnswer = exactly<Renewed>('Renewed')(
  z.strictObject({
    serial: text,
    notAfter: time,
    chain: text.describe('PEM'),
    trust: text.describe('PEM'),
  }),
)

export const revokedAnswer = z.array(
  exactly<Revoked>()(z.strictObject({ serial: text, role, name: text, notAfter: time })),
)

export const readinessAnswer = exactly<Readiness>('Readiness')(
  z.strictObject({
    waiting: z.array(behind).describe('agents that can be waited for'),
    away: z.array(behind).describe('everybody else'),
  }),
)

export const refreshedAnswer = exactly<Refreshed>()(z.strictObject({ phase, trust: text }))

export const certsAnswer = exactly<CertsStatus>()(
  z.strictObject({
    at: time,
    phase,
    changes: kind.nullable(),
    next: text,
    trust: text,
    certificates: z.array(
      z.strictObject({
        role,
        name: text,
        serial: text,
        authority: text,
        ...life,
        age: span,
        state: z.enum(['good', 'late', 'expired', 'revoked', 'retired', 'replaced']),
      }),
    ),
    authorities: z.array(
      z.strictObject({
        id: text,
        kind,
        does: z.enum(['trusted', 'signs', 'let in']),
        ...life,
        state: z.enum(['good', 'late', 'expired']),
      }),
    ),
    lists: z.array(
      z.strictObject({
        authority: text,
        kind,
        state: z.enum(['good', 'late', 'expired', 'missing']),
        number: z.number().nullable(),
        thisUpdate: timeOrNull,
        nextUpdate: timeOrNull,
        revoked: count,
      }),
    ),
    readiness: readinessAnswer.optional(),
    red: texts.describe('what a person must see to'),
  }),
)
