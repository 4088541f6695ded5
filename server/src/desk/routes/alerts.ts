import { Bell } from '@vedette/shared/bell'
import { Refusal } from '@vedette/shared/errors'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { ALERT_STATES, OUTCOMES } from '../../alerts/life.ts'
import { type Basis, basisOf } from '../../evidence/basis.ts'
import { atBoard, type Caller } from '../../operators/caller.ts'
import type { NamedIncident } from '../answered/alerts.ts'
import {
  alertAnswer,
  basisAnswer,
  frameAnswer,
  incidentAnswer,
  stepAnswer,
} from '../answers/alerts.ts'
import { ChangeFeed } from '../change-feed.ts'
import { sendEntries } from '../entry-news.ts'
import { type EventStream, eventStream } from '../events.ts'
import { naming } from '../named.ts'
import type { DeskParts } from '../parts.ts'
import { reaches, withinOf } from '../scope.ts'
import { byId, type DeskApp } from '../taking.ts'
import { watchOf } from './cameras.ts'

export type { NamedAlert, NamedChange } from '../named.ts'

const filter = z.object({
  state: z.enum(ALERT_STATES).optional(),
  outcome: z.enum(OUTCOMES).optional(),
  incident: z.string().optional(),
  list: z.string().optional(),
  entry: z.string().optional(),
  agent: z.string().optional(),
  camera: z.string().optional(),
  /** Captured from then on, epoch milliseconds. */
  since: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: z.string().optional(),
})
const following = z.object({
  /** What happened behind that number; `Last-Event-ID` comes first. */
  since: z.string().optional(),
  cameras: z.string().optional(),
  entries: z.string().optional(),
  lists: z.string().optional(),
})
const latest = z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) })
const frameName = byId.extend({ track: z.string(), shot: z.coerce.number().int().min(0) })

const listed = { config: { needs: 'alerts.view', act: 'alerts.listed' } } as const
const viewed = { config: { needs: 'alerts.view', act: 'alert.viewed' } } as const
const pictured = {
  config: { needs: 'alerts.view', act: 'evidence.viewed' },
} as const

type ById = { Params: { id: string } }

/** Alerts: list, show, and the stream of what happens to them. */
export async function alertRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, alerts, clock } = options
  const named = naming(store.entries, options.lists)
  const { lists } = options
  const feed = new ChangeFeed({ alerts: store.alerts, entries: store.entries, lists, clock })

  const sendCameras = (stream: EventStream, caller: Caller): (() => void) => {
    stream.send(undefined, 'watch', watchOf(options, caller))
    return options.watchfulness.cameras.listen((change) => {
      const { agent, camera } = change.kind === 'trouble' ? change.trouble : change.camera
      if (caller.seesCamera(agent, camera)) stream.send(undefined, 'camera', change)
    })
  }

  /** What is to be looked at again, without a word of it: each may see other lists and imports. */
  const sendStale = (stream: EventStream): (() => void) => {
    const ends = [
      options.lists.listen(() => stream.send(undefined, 'lists', {})),
      options.imports.listen(() => stream.send(undefined, 'imports', {})),
    ]
    return () => {
      for (const end of ends) end()
    }
  }

  /** Sends every change after `seq`; gives the number of the last. */
  const sendSince = async (seq: number, stream: EventStream, caller: Caller): Promise<number> => {
    let last = seq
    for (;;) {
      const told = await feed.since(last)
      for (const { change, textFor } of told) {
        last = change.seq
        if (reaches(caller, change.alert)) {
          stream.sendText(change.seq, change.kind, await textFor(caller))
        } else if (reaches(atBoard(caller), change.alert)) {
          stream.send(undefined, 'board', { seq: change.seq })
        }
      }
      if (told.length === 0 || stream.closed) return last
      await stream.drained()
    }
  }

  app.get(
    '/alerts',
    {
      ...listed,
      schema: {
        summary: 'Alerts, the newest first',
        answers: { 200: z.array(alertAnswer) },
        querystring: filter,
      },
    },
    async ({ query, caller }) => {
      const within = withinOf(caller, options.lists)
      const found = await store.alerts.list({ ...query, within })
      return Promise.all(found.map((alert) => named(alert, caller)))
    },
  )

  app.get<ById>(
    '/alerts/:id',
    { ...viewed, schema: { summary: 'One alert', answers: { 200: alertAnswer } } },
    async ({ params, caller }) => named(await store.alerts.get(params.id), caller),
  )

  app.get<ById>(
    '/alerts/:id/chip',
    { ...pictured, schema: { summary: 'The face that raised it', answers: { 200: 'image/jpeg' } } },
    async ({ params }, reply) => reply.type('image/jpeg').send(await store.alerts.chip(params.id)),
  )

  app.get<ById>(
    '/alerts/:id/life',
    {
      ...viewed,
      schema: { summary: 'Everything that happened to it', answers: { 200: z.array(stepAnswer) } },
    },
    ({ params }) => store.alerts.life(params.id),
  )

  /** What it was raised by and against, without what anybody looks like. */
  app.get<ById>(
    '/alerts/:id/basis',
    {
      ...viewed,
      schema: {
        summary: 'What it was raised by and against, without pictures',
        answers: { 200: basisAnswer },
      },
    },
    async ({ params }): Promise<Basis | null> => {
      const dossier = await store.alerts.dossier(params.id)
      return dossier === undefined ? null : basisOf(dossier)
    },
  )

  app.get<ById>(
    '/alerts/:id/frames',
    {
      ...viewed,
      schema: { summary: 'The frames of its walk', answers: { 200: z.array(frameAnswer) } },
    },
    ({ params }) => store.alerts.frames(params.id),
  )

  app.get(
    '/alerts/:id/frames/:track/:shot',
    {
      ...pictured,
      schema: {
        summary: 'The face in one of its frames',
        answers: { 200: 'image/jpeg' },
        params: frameName,
      },
    },
    async ({ params }, reply) =>
      reply.type('image/jpeg').send(await store.alerts.frameChip(params.id, params)),
  )

  app.get(
    '/incidents',
    {
      ...listed,
      schema: {
        summary: 'Alerts of one person at one time, together',
        answers: { 200: z.array(incidentAnswer) },
        querystring: latest,
      },
    },
    async ({ query, caller }): Promise<NamedIncident[]> => {
      const within = withinOf(caller, options.lists)
      const incidents = await store.alerts.incidents(query.limit, within)
      return Promise.all(
        incidents.map(async (incident) => {
          const found = await Promise.all(incident.alerts.map((alert) => named(alert, caller)))
          return { ...incident, alerts: found, name: found.find(({ name }) => name)?.name }
        }),
      )
    },
  )

  /**
   * Server-sent events; resumes behind `Last-Event-ID` or `?since=`, else starts with what comes. With
   * `?cameras=1` first all cameras, event `watch`, and then what changes of them, event `camera`. With
   * `?entries=1` what becomes of entries, event `entry`; with `?lists=1` that lists, or imports, are to be
   * looked at again, events `lists` and `imports`. A screen on the wall is told by event `board`
   * that something happened of which it may show no more.
   */
  app.get(
    '/alerts/events',
    {
      config: { needs: 'alerts.view' },
      schema: {
        summary: 'What happens to alerts as it happens: server-sent events, resumable',
        answers: { 200: 'text/event-stream' },
        querystring: following,
      },
    },
    async (request, reply) => {
      const from = lastSeen(request) ?? (await store.alerts.lastChange())
      const { hand, caller } = request
      await store.audit.note({ kind: 'alerts.followed', hand, at: clock.now(), about: {} })
      reply.hijack()
      const stream = eventStream(reply.raw)
      const news = new Bell()
      const unlisten = alerts.listen(() => {
        feed.stale()
        news.ring()
      })
      const unwatch = wantsCameras(request) ? sendCameras(stream, caller) : () => {}
      const telling = { register: options.register, entries: store.entries }
      const untell = wantsEntries(request) ? sendEntries(stream, caller, telling) : () => {}
      const unlist = wantsLists(request) ? sendStale(stream) : () => {}
      reply.raw.once('close', () => news.ring())
      try {
        for (let seq = from; !stream.closed; await news.wait()) {
          seq = await sendSince(seq, stream, caller)
        }
      } finally {
        unlisten()
        unwatch()
        untell()
        unlist()
        stream.end()
      }
    },
  )
}

function wantsEntries({ query }: FastifyRequest): boolean {
  return (query as { entries?: string }).entries === '1'
}

function wantsLists({ query }: FastifyRequest): boolean {
  return (query as { lists?: string }).lists === '1'
}

function wantsCameras({ query }: FastifyRequest): boolean {
  return (query as { cameras?: string }).cameras === '1'
}

function lastSeen({ headers, query }: FastifyRequest): number | undefined {
  const text = headers['last-event-id'] ?? (query as { since?: string }).since
  if (text === undefined) return undefined
  const seq = Number(text)
  if (Number.isSafeInteger(seq) && seq >= 0) return seq
  throw new Refusal('request.invalid', 'the number of an event is a whole number')
}
