import { Readable } from 'node:stream'
import { Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import type { Subject } from '../../audit/act.ts'
import { type HeadLine, headLineOf } from '../../audit/head.ts'
import { ACTS } from '../../audit/kinds.ts'
import type { Verdict } from '../../audit/verify.ts'
import type { ActRecord } from '../../store/audit-search.ts'
import type { RecordKey, RecordRules, RecordStanding } from '../answered/audit.ts'
import {
  actAnswer,
  headAnswer,
  recordKeyAnswer,
  recordRulesAnswer,
  recordStandingAnswer,
  verdictAnswer,
} from '../answers/record.ts'
import { eventStream } from '../events.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'
import { verifyStepByStep } from '../verification.ts'

/** Who follows the record is told within this time, milliseconds. */
const FOLLOW_MS = 500
const MOST = 1000
/** How often a verification tells how far it has come, milliseconds. */
const TOLD_MS = 200

const SUBJECTS = [
  'agent',
  'alert',
  'camera',
  'certificate',
  'entry',
  'incident',
  'list',
  'model',
  'operator',
  'rejection',
] as const satisfies Subject[]

const text = z.string().min(1).max(200)
const instant = z.coerce.number().int()
const about = Object.fromEntries(SUBJECTS.map((subject) => [subject, text.optional()]))
const filter = z.strictObject({
  ...(about as Record<(typeof SUBJECTS)[number], z.ZodOptional<typeof text>>),
  by: text.optional(),
  kind: text.optional(),
  since: instant.optional(),
  until: instant.optional(),
  text: text.optional(),
  before: instant.optional(),
  after: instant.optional(),
  limit: z.coerce.number().int().min(1).max(MOST).default(50),
})
const from = z.object({ after: instant.optional() })

/** The record: searched, followed, verified, exported. */
export async function auditRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, audit, periods, clock } = options
  const searching = { config: { needs: 'audit.view', act: 'audit.searched' } } as const

  app.get(
    '/audit',
    {
      ...searching,
      schema: {
        summary: 'The record of what people did, searched',
        answers: { 200: z.array(actAnswer) },
        querystring: filter,
      },
    },
    async ({ query, recorded }): Promise<ActRecord[]> => {
      const { kind, since, until, text, before, after, limit, ...named } = query
      const subjects = Object.entries(named) as [Subject | 'by', string][]
      const kinds = kind?.split(',').map(known)
      const asked = { kind, since, until, before, after, ...named }
      recorded.details = JSON.parse(JSON.stringify({ ...asked, byText: text !== undefined }))
      return store.audit.search({ kinds, subjects, since, until, text, before, after, limit })
    },
  )

  /** Server-sent events: every act behind `?after=`, else behind the last. */
  app.get(
    '/audit/events',
    {
      config: { needs: 'audit.view' },
      schema: {
        summary: 'The record as it is written: server-sent events',
        answers: { 200: 'text/event-stream' },
        querystring: from,
      },
    },
    async (request, reply) => {
      const { hand, query } = request
      const { after = (await store.audit.last()).seq } = query
      await store.audit.note({ kind: 'audit.followed', hand, at: clock.now(), about: {} })
      reply.hijack()
      const stream = eventStream(reply.raw)
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      try {
        for (let last = after; !stream.closed; ) {
          const acts = await store.audit.search({ after: last, limit: MOST })
          for (const act of acts) stream.send(act.seq, 'act', act)
          last = acts.at(-1)?.seq ?? last
          await stream.drained()
          if (acts.length < MOST) await clock.sleep(FOLLOW_MS, gone.signal).catch(() => {})
        }
      } finally {
        stream.end()
      }
    },
  )

  app.get(
    '/audit/heads',
    {
      config: { needs: 'audit.view' },
      schema: {
        summary: 'How far the record had come, signed',
        answers: { 200: z.array(headAnswer) },
      },
    },
    async (): Promise<HeadLine[]> => {
      return (await store.audit.heads()).map(headLineOf)
    },
  )

  app.get(
    '/audit/key',
    {
      config: { needs: 'audit.view' },
      schema: {
        summary: 'The keys that the record is signed with',
        answers: { 200: recordKeyAnswer },
      },
    },
    (): RecordKey => ({
      signer: audit.signer.id,
      publicKeys: [...audit.signer.known.values()].join(''),
    }),
  )

  const verifying = { config: { needs: 'audit.view', act: 'audit.verified' } } as const
  app.post(
    '/audit/verify',
    {
      ...verifying,
      schema: { summary: 'Whether the record is whole', answers: { 200: verdictAnswer } },
    },
    async ({ recorded }): Promise<Verdict> => {
      const verdict = await audit.verify()
      recorded.details = outcomeOf(verdict)
      return verdict
    },
  )

  /** The same, and tells how far it has come: lines of JSON, see VerificationLine. */
  app.post(
    '/audit/verification',
    {
      config: { needs: 'audit.view' },
      schema: {
        summary: 'Whether the record is whole, told step by step',
        answers: { 200: 'application/jsonl' },
      },
    },
    async (request, reply) => {
      const { hand } = request
      const { seq: of } = await store.audit.last()
      const lines = verifyStepByStep(
        (onProgress) => audit.verify(onProgress),
        { of, every: TOLD_MS, clock },
        async (verdict) => {
          const details = outcomeOf(verdict)
          await store.audit.note({
            kind: 'audit.verified',
            hand,
            at: clock.now(),
            about: {},
            details,
          })
        },
      )
      return reply.type('application/jsonl').send(Readable.from(lines))
    },
  )

  app.get(
    '/audit/standing',
    {
      config: { needs: 'audit.view' },
      schema: {
        summary: 'How far the record has come, and when it was verified',
        answers: { 200: recordStandingAnswer },
      },
    },
    async (): Promise<RecordStanding> => {
      const [{ seq: last }, heads] = await Promise.all([store.audit.last(), store.audit.heads()])
      const head = heads.at(-1)
      const verified = { at: audit.verifiedAt ?? null, intact: audit.intact }
      return { last, head: head === undefined ? null : headLineOf(head), verified }
    },
  )

  app.get(
    '/audit/rules',
    {
      config: { needs: 'audit.view' },
      schema: {
        summary: 'What is recorded, and how long it is kept',
        answers: { 200: recordRulesAnswer },
      },
    },
    async (): Promise<RecordRules> => {
      return { kinds: ACTS, periods, cuts: await store.audit.cuts() }
    },
  )

  const exporting = {
    config: {
      needs: 'audit.export',
      grave: true,
      act: 'audit.exported',
    },
    schema: { summary: 'The whole record, one act a line', answers: { 200: 'application/jsonl' } },
  } as const
  app.get('/audit/export', exporting, async ({ recorded }, reply) => {
    const { seq } = await store.audit.last()
    recorded.details = { acts: seq }
    return reply.type('application/jsonl').send(Readable.from(audit.exported()))
  })
}

function outcomeOf({ good, acts, last, findings }: Verdict) {
  return { good, acts, last, findings: findings.length }
}

/** Throws Refusal `request.invalid` where no act is of that kind, nor of one that begins so. */
function known(kind: string): string {
  if (Object.keys(ACTS).some((one) => one === kind || one.startsWith(`${kind}.`))) return kind
  const groups = [...new Set(Object.keys(ACTS).map((one) => one.split('.')[0]))]
  throw new Refusal('request.invalid', `no act is of kind '${kind}'`, {
    hint: `all of a group: ${groups.join(', ')}; one kind of them, like entry.viewed`,
  })
}
