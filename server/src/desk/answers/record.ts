import { z } from 'zod'
import type { HeadLine } from '../../audit/head.ts'
import type { Verdict } from '../../audit/verify.ts'
import type { ActRecord } from '../../store/audit-search.ts'
import type { RecordKey, RecordRules, RecordStanding } from '../answered/audit.ts'
import type { EntryAct } from '../answered/entry-history.ts'
import {
  count,
  details,
  exactly,
  person,
  span,
  text,
  textOrNull,
  time,
  timeOrNull,
  yes,
} from './exactly.ts'

const SUBJECTS = [
  'agent',
  'alert',
  'backup',
  'camera',
  'certificate',
  'channel',
  'entry',
  'import',
  'incident',
  'invitation',
  'list',
  'model',
  'operator',
  'photo',
  'plan',
  'rejection',
  'template',
  'trouble',
] as const

const act = { seq: count, at: time, kind: text, by: person, why: textOrNull }
const more = details.nullable().describe('null: retention has deleted it')

export const actAnswer = exactly<ActRecord>('Act')(
  z.strictObject({
    ...act,
    hash: text.describe('SHA-256, hexadecimal'),
    from: textOrNull,
    about: z.partialRecord(z.enum(SUBJECTS), text.optional()).nullable(),
    details: more,
  }),
)

export const entryActAnswer = exactly<EntryAct>()(z.strictObject({ ...act, details: more }))

export const headAnswer = exactly<HeadLine>('Head')(
  z.strictObject({ seq: count, at: time, hash: text, signer: text, signature: text }),
)

export const recordKeyAnswer = exactly<RecordKey>()(
  z.strictObject({ signer: text, publicKeys: text.describe('Ed25519, PEM') }),
)

export const recordStandingAnswer = exactly<RecordStanding>()(
  z.strictObject({
    last: count,
    head: headAnswer.nullable(),
    verified: z.strictObject({ at: timeOrNull, intact: yes }),
  }),
)

export const recordRulesAnswer = exactly<RecordRules>()(
  z.strictObject({
    kinds: z.record(text, z.strictObject({ words: text, keep: z.enum(['audit', 'views']) })),
    periods: z.strictObject({
      audit: span,
      views: span,
      alerts: span,
      nearMisses: span,
      joinAttempts: span,
      troubles: span,
    }),
    cuts: z
      .array(z.strictObject({ kind: text, through: count }))
      .describe('what retention has deleted'),
  }),
)

const at = { seq: count, at: time }
const upTo = { seq: count, to: count }
const finding = z.union([
  z.strictObject({
    what: z.literal('edited'),
    seq: count,
    part: z.enum(['act', 'body', 'index']),
  }),
  z.strictObject({ what: z.literal('removed'), ...upTo }),
  z.strictObject({ what: z.literal('inserted'), ...upTo }),
  z.strictObject({ what: z.literal('reordered'), seq: count, from: count }),
  z.strictObject({ what: z.literal('body-removed'), seq: count, kind: text }),
  z.strictObject({ what: z.literal('truncated'), ...upTo, at: time }),
  z.strictObject({ what: z.literal('rewritten'), ...upTo, at: time }),
  z.strictObject({ what: z.literal(['head-forged', 'head-foreign']), ...at, signer: text }),
  z.strictObject({ what: z.literal('head-removed'), ...at, place: z.enum(['database', 'file']) }),
  z.strictObject({ what: z.literal('retention-edited'), kind: text }),
  z.strictObject({ what: z.literal('export-edited') }),
])

export const verdictAnswer = exactly<Verdict>()(
  z.strictObject({
    good: yes,
    acts: count,
    first: count,
    last: count,
    heads: count,
    signed: z.strictObject(at).nullable(),
    unsigned: count,
    retained: z.array(z.strictObject({ kind: text, bodies: count, through: count, at: time })),
    prefix: count,
    findings: z.array(finding),
  }),
)
