import { z } from 'zod'
import type { Changed } from '../../entries/register.ts'
import type { ErasureCertificate } from '../../erasure/certificate.ts'
import type { EntryHealth } from '../../health/health.ts'
import type { Entry } from '../../store/entries.ts'
import type { EntryCount } from '../../store/entry-counts.ts'
import type { PhotoRecord } from '../../store/photos.ts'
import type { Chores } from '../answered/chores.ts'
import {
  count,
  exactly,
  number,
  numberOrNull,
  ofCamera,
  text,
  textOrNull,
  texts,
  time,
} from './exactly.ts'

const state = z.enum(['pending', 'live', 'refused', 'expired'])
const strictness = number.describe('how many times rarer than usual a false alert must be')

export const ofEntryDetails = {
  name: text,
  aliases: texts,
  reason: text,
  legalBasis: text,
  authority: text,
  caseNumber: text,
  note: text,
}

export const entryAnswer = exactly<Entry>('Entry')(
  z.strictObject({
    ...ofEntryDetails,
    id: text,
    list: text,
    state,
    expiresAt: time,
    photos: count,
    createdAt: time,
    createdBy: text,
    strictness,
  }),
)

export const request = text.describe('that waits for a second person').optional()

export const changedAnswer = exactly<Changed>('EntryChanged')(
  z.strictObject({ entry: entryAnswer, request }),
)

export const entryCountAnswer = exactly<EntryCount>()(
  z.strictObject({ list: text, state, entries: count, expiring: count }),
)

export const entryHealthAnswer = exactly<EntryHealth>()(
  z.strictObject({
    entryId: text,
    list: text,
    name: text,
    photos: count,
    strictness,
    confirmed: count,
    withdrawn: count,
    judgedTrue: count,
    judgedFalse: count,
    nearMisses: count,
    lookAlike: z.strictObject({ entryId: text, name: text, score: number }).nullable(),
    agreement: z.array(numberOrNull).describe('of each photograph with the one most like it'),
    blame: z.array(count).describe('alerts in error that came by each photograph'),
    cameras: z.array(
      z.strictObject({
        ...ofCamera,
        confirmed: count,
        provisional: count,
        withdrawn: count,
        judgedTrue: count,
        judgedFalse: count,
        nearMisses: count,
        highest: number,
      }),
    ),
    advice: z.array(
      z.strictObject({
        kind: z.enum(['remove-photo', 'duplicate', 'tighten', 're-photograph']),
        words: text,
        command: text,
      }),
    ),
  }),
)

export const photoAnswer = exactly<PhotoRecord>('Photo')(
  z.strictObject({
    id: text,
    photo: count.describe('1 is the first'),
    state: z.enum(['live', 'pending']),
    quality: number,
    createdAt: time,
    source: text,
    taken: text.describe('the day, as it was given'),
  }),
)

export const erasedAnswer = exactly<ErasureCertificate>()(
  z.strictObject({
    kind: z.literal('vedette-erasure'),
    version: z.literal(1),
    entry: text,
    at: time,
    erasedAt: time,
    by: text,
    from: text,
    why: textOrNull,
    rows: z.record(text, count).describe('by table'),
    record: z.strictObject({ seq: count, hash: text }),
    signer: text,
    publicKey: text.describe('Ed25519, PEM'),
    signature: text.describe('base64'),
  }),
)

export const choresAnswer = exactly<Chores>()(z.strictObject({ expiring: count, waiting: count }))
