import { Readable } from 'node:stream'
import { Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import type { Subject } from '../../audit/act.ts'
import { type HeadLine, headLineOf } from '../../audit/head.ts'
import { ACTS } from '../../audit/kinds.ts'
import type { Verdict } from '../../audit/verify.ts'
import type { ActRecord } from '../../store/audit-search.ts'
import { eventStream } from '../events.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

/** Who follows the record is told within this time, milliseconds. */
const FOLLOW_MS = 500
const MOST = 1000

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
  const { store, audit, clock } = options
  const searching = { config: { needs: 'audit.view', act: 'audit.searched' } } as const

  app.get(
    '/audit',
    {
      ...searching,
      schema: { summary: 'The record of what people did, searched', querystring: filter },
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
      config: { needs: 'audit.view', gives: 'text/event-stream' },
      schema: { summary: 'The record as it is written: server-sent events', querystring: from },
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
          if (acts.length < MOST) await clock.sleep(FOLLOW_MS, gone.signal).catch(() => {})
        }
      } finally {
        stream.end()
      }
    },
  )

  app.get(
    '/audit/heads',
    { config: { needs: 'audit.view' }, schema: { summary: 'How far the record had come, signed' } },
    async (): Promise<HeadLine[]> => {
      return (await store.audit.heads()).map(headLineOf)
    },
  )

  app.get(
    '/audit/key',
    {
      config: { needs: 'audit.view' },
      schema: { summary: 'The keys that the record is signed with' },
    },
    () => ({
      signer: audit.signer.id,
      publicKeys: [...audit.signer.known.values()].join(''),
    }),
  )

  const verifying = { config: { needs: 'audit.view', act: 'audit.verified' } } as const
  app.post(
    '/audit/verify',
    { ...verifying, schema: { summary: 'Whether the record is whole' } },
    async ({ recorded }): Promise<Verdict> => {
      const verdict = await audit.verify()
      const { good, acts, last, findings } = verdict
      recorded.details = { good, acts, last, findings: findings.length }
      return verdict
    },
  )

  const exporting = {
    config: {
      needs: 'audit.export',
      grave: true,
      act: 'audit.exported',
      gives: 'application/jsonl',
    },
    schema: { summary: 'The whole record, one act a line' },
  } as const
  app.get('/audit/export', exporting, async ({ recorded }, reply) => {
    const { seq } = await store.audit.last()
    recorded.details = { acts: seq }
    return reply.type('application/jsonl').send(Readable.from(audit.exported()))
  })
}

/** Throws Refusal `request.invalid` where no act is of that kind, nor of one that begins so. */
function known(kind: string): string {
  if (Object.keys(ACTS).some((one) => one === kind || one.startsWith(`${kind}.`))) return kind
  const groups = [...new Set(Object.keys(ACTS).map((one) => one.split('.')[0]))]
  throw new Refusal('request.invalid', `no act is of kind '${kind}'`, {
    hint: `all of a group: ${groups.join(', ')}; one kind of them, like entry.viewed`,
  })
}
