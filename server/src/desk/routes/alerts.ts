import { Bell } from '@vedette/shared/bell'
import { Refusal } from '@vedette/shared/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Alert, AlertChange } from '../../store/alerts.ts'
import { type EventStream, eventStream } from '../events.ts'
import type { DeskParts } from '../parts.ts'

/** An alert with the name of whom it is about, undefined once that entry is gone. */
export type NamedAlert = Alert & { name: string | undefined }
export type NamedChange = Omit<AlertChange, 'alert'> & { alert: NamedAlert }

const filter = z.object({
  state: z.enum(['open', 'acknowledged']).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: z.string().optional(),
})
const note = z.object({ note: z.string().max(2000).nullable().default(null) })

type ById = { Params: { id: string } }

/** Alerts: list, show, acknowledge, and the stream of what happens to them. */
export async function alertRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { store, alerts } = options

  const named = async (alert: Alert): Promise<NamedAlert> => {
    const entry = await store.entries.get(alert.entryId).catch(forgotten)
    return { ...alert, name: entry?.name }
  }

  /** Sends every change after `seq`; gives the number of the last. */
  const sendSince = async (seq: number, stream: EventStream): Promise<number> => {
    let last = seq
    for (;;) {
      const changes = await store.alerts.changesSince(last)
      for (const change of changes) {
        const alert = await named(change.alert)
        stream.send(change.seq, change.kind, { ...change, alert } satisfies NamedChange)
        last = change.seq
      }
      if (changes.length === 0 || stream.closed) return last
    }
  }

  app.get('/alerts', async ({ query }) =>
    Promise.all((await store.alerts.list(parse(filter, query))).map(named)),
  )

  app.get<ById>('/alerts/:id', async ({ params }) => named(await store.alerts.get(params.id)))

  app.get<ById>('/alerts/:id/chip', async ({ params }, reply) =>
    reply.type('image/jpeg').send(await store.alerts.chip(params.id)),
  )

  app.post<ById>('/alerts/:id/acknowledge', async (request) => {
    const { note: words } = parse(note, request.body ?? {})
    const { alert } = await alerts.acknowledge(request.params.id, request.operator, words)
    return named(alert)
  })

  /** Server-sent events; resumes behind `Last-Event-ID` or `?since=`, else starts with what comes. */
  app.get('/alerts/events', async (request, reply) => {
    const from = lastSeen(request) ?? (await store.alerts.lastChange())
    reply.hijack()
    const stream = eventStream(reply.raw)
    const news = new Bell()
    const unlisten = alerts.listen(() => news.ring())
    reply.raw.once('close', () => news.ring())
    try {
      for (let seq = from; !stream.closed; await news.wait()) {
        seq = await sendSince(seq, stream)
      }
    } finally {
      unlisten()
      stream.end()
    }
  })
}

function lastSeen({ headers, query }: FastifyRequest): number | undefined {
  const text = headers['last-event-id'] ?? (query as { since?: string }).since
  if (text === undefined) return undefined
  const seq = Number(text)
  if (Number.isSafeInteger(seq) && seq >= 0) return seq
  throw new Refusal('request.invalid', 'the number of an event is a whole number')
}

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Refusal('request.invalid', `${issue?.path.join('.')}: ${issue?.message}`)
}

function forgotten(error: unknown): undefined {
  if (error instanceof Refusal) return undefined
  throw error
}
