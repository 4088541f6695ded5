import { z } from 'zod'
import { ALERT_STATES, OUTCOMES } from '../alerts/life.ts'
import { DEMANDS, KINDS, SOUNDS } from '../lists/list.ts'
import { ROLES } from '../operators/roles.ts'
import type { ActRecord } from '../store/audit-search.ts'
import type { Entry } from '../store/entries.ts'
import type { Import } from '../store/imports.ts'
import type { Operator } from '../store/operators/operators.ts'
import type { Chores, CountedList } from './answered.ts'
import type { NamedAlert } from './named.ts'

/** T as JSON has it: what is undefined is not there. */
type Sent<T> = T extends readonly unknown[]
  ? { -readonly [K in keyof T]: Sent<T[K]> }
  : T extends object
    ? { [K in keyof T as undefined extends T[K] ? never : K]: Sent<T[K]> } & {
        [K in keyof T as undefined extends T[K] ? K : never]?:
          | Sent<Exclude<T[K], undefined>>
          | undefined
      }
    : T

/** A schema of exactly T, no more and no less: whatever is added to one must be said in the other. */
const exactly =
  <T>() =>
  <S extends z.ZodType<Sent<T>>>(schema: Sent<T> extends z.output<S> ? S : never): S =>
    schema

const time = z.number().int().describe('epoch milliseconds')
const timeOrNull = time.nullable()
const person = z.string().nullable()
const number = z.number()

export const alertAnswer = exactly<NamedAlert>()(
  z.strictObject({
    id: z.string(),
    incident: z.string(),
    entryId: z.string(),
    rival: z.string().nullable().describe('another entry that it may be just as well'),
    list: z.string(),
    agent: z.string(),
    camera: z.string(),
    track: z.string(),
    certainty: z.enum(['provisional', 'confirmed', 'withdrawn']),
    state: z.enum(ALERT_STATES),
    capturedAt: time,
    receivedAt: time,
    late: z.boolean().describe('all that speaks for it came too late to act on'),
    retrospective: z.boolean().describe('found when its entry was enrolled'),
    raisedAt: time,
    score: number.describe('to be read against the threshold, never as a per cent'),
    threshold: number,
    runnerUp: number.nullable().describe('the score of the next entry'),
    templateId: z.string(),
    quality: number,
    box: z.tuple([number, number, number, number]).describe('x, y, width, height, pixels'),
    space: z.string(),
    shots: number.describe('frames that reached the threshold'),
    acknowledgedAt: timeOrNull,
    acknowledgedBy: person,
    outcome: z.enum(OUTCOMES).nullable(),
    resolvedAt: timeOrNull,
    resolvedBy: person,
    openSince: time,
    escalations: number,
    escalatedAt: timeOrNull,
    parkedUntil: timeOrNull,
    parkedBy: person,
    affirmedAt: timeOrNull,
    affirmedBy: person,
    takeBack: z.strictObject({ by: z.string(), until: time }).nullable(),
    place: z
      .strictObject({
        latitude: number,
        longitude: number,
        bearing: number.nullable().describe('degrees clockwise from north'),
        fieldOfView: number.nullable().describe('degrees'),
        address: z.string().nullable(),
      })
      .nullable(),
    name: z.string().describe('not there while it may be either of two').optional(),
    either: z.array(z.string()).optional(),
    listName: z.string().optional(),
    colour: z.string().optional(),
    priority: number.describe('1 is the most urgent').optional(),
  }),
)

export const entryAnswer = exactly<Entry>()(
  z.strictObject({
    name: z.string(),
    aliases: z.array(z.string()),
    reason: z.string(),
    legalBasis: z.string(),
    authority: z.string(),
    caseNumber: z.string(),
    note: z.string(),
    id: z.string(),
    list: z.string(),
    state: z.enum(['pending', 'live', 'refused', 'expired']),
    expiresAt: time,
    photos: number,
    createdAt: time,
    createdBy: z.string(),
    strictness: number.describe('how many times rarer than usual a false alert must be'),
  }),
)

const hours = z
  .strictObject({
    zone: z.string(),
    spans: z.array(
      z.strictObject({
        days: z.array(z.literal([1, 2, 3, 4, 5, 6, 7])),
        from: z.string(),
        to: z.string(),
      }),
    ),
  })
  .nullable()

export const listAnswer = exactly<CountedList>()(
  z.strictObject({
    id: z.string(),
    name: z.string(),
    kind: z.enum(KINDS),
    colour: z.string(),
    priority: number,
    cameras: z.array(z.string()).nullable(),
    hours,
    viewers: z.array(z.string()).nullable(),
    approvals: z.literal([1, 2]),
    confirmations: z.literal([1, 2]),
    sound: z.enum(SOUNDS),
    quiet: hours,
    boardNames: z.boolean(),
    keepFor: number.describe('hours'),
    keepPictures: z.boolean(),
    escalateAfter: number.nullable().describe('milliseconds'),
    demands: z.array(z.enum(DEMANDS)),
    usualLife: number.describe('milliseconds'),
    longestLife: number.describe('milliseconds'),
    createdAt: time,
    version: number,
    live: number.describe('entries that may match'),
  }),
)

const names = z.array(z.string()).nullable()

export const operatorAnswer = exactly<Operator>()(
  z.strictObject({
    name: z.string(),
    fullName: z.string(),
    role: z.enum(ROLES),
    lists: names,
    cameras: names,
    hasPassword: z.boolean(),
    passwordGiven: z.boolean(),
    createdAt: time,
    createdBy: z.string(),
    disabledAt: timeOrNull,
    disabledBy: person,
    seenAt: timeOrNull,
  }),
)

export const importAnswer = exactly<Import>()(
  z.strictObject({
    id: z.string(),
    state: z.enum(['pending', 'open', 'spent', 'expired', 'closed']),
    openedBy: z.string(),
    openedAt: time,
    reason: z.string(),
    photos: number,
    used: number,
    life: number.describe('milliseconds'),
    approvedBy: person,
    approvedAt: timeOrNull,
    until: timeOrNull,
    closedBy: person,
    closedAt: timeOrNull,
  }),
)

export const choresAnswer = exactly<Chores>()(z.strictObject({ expiring: number, waiting: number }))

export const actAnswer: z.ZodType<Omit<ActRecord, 'about' | 'details'>> = z.strictObject({
  seq: number,
  at: time,
  kind: z.string(),
  hash: z.string(),
  by: person,
  from: person,
  why: person,
  about: z.record(z.string(), z.unknown()).nullable(),
  details: z.record(z.string(), z.unknown()).nullable(),
})
