import { z } from 'zod'
import { isQuiet } from '../../channels/hours.ts'
import { atBoard, type Caller } from '../../operators/caller.ts'
import type { Alert } from '../../store/alerts.ts'
import type { BoardAlert, Card, Queue, QueueList } from '../answered/queue.ts'
import { boardAnswer, cardAnswer, queueAnswer, queueListAnswer } from '../answers/queue.ts'
import { cardsFor } from '../cards.ts'
import { naming } from '../named.ts'
import type { DeskParts } from '../parts.ts'
import { withinOf } from '../scope.ts'
import { byId, type DeskApp } from '../taking.ts'

/** More would not be looked at: then the oldest of the least urgent have to go first. */
const MOST_WAITING = 2000
const MOST_ON_BOARD = 60
/** Of a list that is gone. */
const LEAST_URGENT = 6

const listed = { config: { needs: 'alerts.view', act: 'alerts.listed' } } as const
const viewed = { config: { needs: 'alerts.view', act: 'alert.viewed' } } as const

/** What waits for somebody: the queue with all that its cards show, one card, and the wall's board. */
export async function queueRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, lists, clock } = options
  const named = naming(store.entries, lists)

  const waiting = async (caller: Caller, limit: number): Promise<Alert[]> => {
    const found = await store.queue.waiting(withinOf(caller, lists), limit)
    const urgency = ({ list }: Alert) => lists.find(list)?.priority ?? LEAST_URGENT
    return found.toSorted((a, b) => urgency(a) - urgency(b) || a.openSince - b.openSince)
  }

  const shownTo = (caller: Caller): QueueList[] => {
    const now = clock.now()
    const seen = lists.all.filter(({ id }) => caller.sees(id))
    return seen.map((list) => {
      const { id, name, colour, priority, sound, confirmations, quiet } = list
      const silent = isQuiet(quiet && { ...quiet, urgent: null }, priority, now)
      return { id, name, colour, priority, sound, confirmations, silent }
    })
  }

  app.get(
    '/alerts/queue',
    {
      ...listed,
      schema: {
        summary: 'What waits for somebody, with all to decide by',
        answers: { 200: queueAnswer },
      },
    },
    async ({ caller }): Promise<Queue> => {
      const seq = await store.alerts.lastChange()
      const found = await waiting(caller, MOST_WAITING)
      const cards = await cardsFor(options, caller)(found)
      return { seq, alerts: cards, lists: shownTo(caller), more: found.length === MOST_WAITING }
    },
  )

  app.get(
    '/alerts/lists',
    {
      config: { needs: 'alerts.view' },
      schema: {
        summary: 'How consoles show lists, and which of them are silent now',
        answers: { 200: z.array(queueListAnswer) },
      },
    },
    ({ caller }): QueueList[] => shownTo(caller),
  )

  app.get(
    '/alerts/:id/card',
    {
      ...viewed,
      schema: {
        summary: 'An alert with all to decide by',
        answers: { 200: cardAnswer },
        params: byId,
      },
    },
    async ({ params, caller }): Promise<Card> => {
      const [card] = await cardsFor(options, caller)([await store.alerts.get(params.id)])
      return card!
    },
  )

  app.get(
    '/alerts/board',
    {
      ...listed,
      schema: {
        summary: 'What waits, as everybody in the room may see it',
        answers: { 200: z.array(boardAnswer) },
      },
    },
    async ({ caller }): Promise<BoardAlert[]> => {
      const found = (await waiting(atBoard(caller), MOST_WAITING)).slice(0, MOST_ON_BOARD)
      return Promise.all(
        found.map(async (alert): Promise<BoardAlert> => {
          const { name, listName, colour, priority } = await named(alert, caller)
          const shown = lists.find(alert.list)?.boardNames ?? false
          const { id, list, agent, camera, place, state, certainty, capturedAt, late } = alert
          const { retrospective, openSince, escalations, acknowledgedBy, parkedUntil } = alert
          return {
            ...{ id, list, agent, camera, place, state, certainty, capturedAt, late },
            ...{ retrospective, openSince, escalations, acknowledgedBy, parkedUntil },
            ...{ listName, colour, priority },
            name: shown ? (name ?? null) : null,
            picture: shown,
          }
        }),
      )
    },
  )
}
