import { Fault, Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import { LONGEST_PARK_MS, OUTCOMES, SHORTEST_PARK_MS } from '../../alerts/life.ts'
import type { Hand } from '../../hand.ts'
import type { Alert } from '../../store/alerts.ts'
import type { Decided } from '../answered/decisions.ts'
import { alertAnswer, decidedAnswer } from '../answers/alerts.ts'
import { naming } from '../named.ts'
import type { DeskParts } from '../parts.ts'
import { problemOf } from '../problem.ts'
import { reaches } from '../scope.ts'
import { byId, type DeskApp } from '../taking.ts'

const words = z.string().max(2000)
const remark = z.object({ note: words.nullable().default(null) })
const judgement = z.object({
  outcome: z.enum(OUTCOMES),
  /** How it is known. */
  note: words.trim().min(1, 'say in a note how you know'),
})

const parking = z.object({
  /** Milliseconds. */
  for: z.number().int().min(SHORTEST_PARK_MS).max(LONGEST_PARK_MS),
  note: words.nullable().default(null),
})
const ids = z.array(z.string().min(1)).min(1).max(200)
/** The same decision of several alerts. */
const bulk = z.discriminatedUnion('do', [
  remark.extend({ do: z.literal('take'), ids }),
  parking.extend({ do: z.literal('park'), ids }),
  judgement.extend({ do: z.literal('resolve'), ids }),
  remark.extend({ do: z.literal('reopen'), ids }),
  remark.extend({ do: z.literal('undo'), ids }),
])

const deciding = { config: { needs: 'alerts.decide' } } as const

/** What people make of alerts: acknowledge, take, park, resolve, reopen, undo. */
export async function decisionRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, decisions } = options
  const named = naming(store.entries, options.lists)

  app.post(
    '/alerts/:id/acknowledge',
    {
      ...deciding,
      schema: {
        summary: 'Take it: somebody acts on it',
        answers: { 200: alertAnswer },
        params: byId,
        body: remark,
      },
    },
    async ({ params, body, hand, caller }) => {
      const { note } = body
      return named(await decisions.acknowledge(params.id, hand, note), caller)
    },
  )

  app.post(
    '/alerts/:id/take',
    {
      ...deciding,
      schema: {
        summary: 'Take it, also from somebody else',
        answers: { 200: alertAnswer },
        params: byId,
        body: remark,
      },
    },
    async ({ params, body, hand, caller }) => {
      const { note } = body
      return named(await decisions.take(params.id, hand, note), caller)
    },
  )

  app.post(
    '/alerts/:id/park',
    {
      ...deciding,
      schema: {
        summary: 'Put it aside for a time',
        answers: { 200: alertAnswer },
        params: byId,
        body: parking,
      },
    },
    async ({ params, body, hand, caller }) => {
      const { for: span, note } = body
      return named(await decisions.park(params.id, span, hand, note), caller)
    },
  )

  app.post(
    '/alerts/:id/resolve',
    {
      ...deciding,
      schema: {
        summary: 'Say what it turned out to be',
        answers: { 200: alertAnswer },
        params: byId,
        body: judgement,
      },
    },
    async ({ params, body, hand, caller }) => {
      const { outcome, note } = body
      return named(await decisions.resolve(params.id, outcome, hand, note), caller)
    },
  )

  app.post(
    '/alerts/:id/reopen',
    {
      ...deciding,
      schema: {
        summary: 'It was resolved by mistake',
        answers: { 200: alertAnswer },
        params: byId,
        body: remark,
      },
    },
    async ({ params, body, hand, caller }) => {
      const { note } = body
      return named(await decisions.reopen(params.id, hand, note), caller)
    },
  )

  app.post(
    '/alerts/:id/undo',
    {
      ...deciding,
      schema: {
        summary: 'Take back the last decision, one’s own of a moment ago',
        answers: { 200: alertAnswer },
        params: byId,
        body: remark,
      },
    },
    async ({ params, body, hand, caller }) => {
      const { note } = body
      return named(await decisions.undo(params.id, hand, note), caller)
    },
  )

  /** Each by itself: what cannot be done of one does not keep the others from being done. */
  app.post(
    '/alerts/decide',
    {
      ...deciding,
      schema: {
        summary: 'The same decision of several alerts',
        answers: { 200: z.array(decidedAnswer) },
        body: bulk,
      },
    },
    async ({ body, hand, caller, id: request }): Promise<Decided[]> => {
      const made: Decided[] = []
      for (const id of new Set(body.ids)) {
        try {
          const where = await store.whereabouts.of('alerts', id)
          if (where === undefined || !reaches(caller, where)) throw notFound(id)
          made.push({ id, alert: await named(await decide(decisions, id, body, hand), caller) })
        } catch (error) {
          if (!(error instanceof Fault)) throw error
          made.push({ id, problem: problemOf(error, request) })
        }
      }
      return made
    },
  )
}

function decide(
  decisions: DeskParts['decisions'],
  id: string,
  asked: z.output<typeof bulk>,
  hand: Hand,
): Promise<Alert> {
  switch (asked.do) {
    case 'take':
      return decisions.take(id, hand, asked.note)
    case 'park':
      return decisions.park(id, asked.for, hand, asked.note)
    case 'resolve':
      return decisions.resolve(id, asked.outcome, hand, asked.note)
    case 'reopen':
      return decisions.reopen(id, hand, asked.note)
    case 'undo':
      return decisions.undo(id, hand, asked.note)
    default:
      return asked satisfies never
  }
}

function notFound(id: string): Refusal {
  return new Refusal('alert.not-found', `no alert ${id}`, { hint: 'see: vedette alerts list' })
}
