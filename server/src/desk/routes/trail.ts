import { z } from 'zod'
import type { Alert } from '../../store/alerts.ts'
import type { Trail, TrailPoint } from '../answered/trail.ts'
import { trailAnswer } from '../answers/alerts.ts'
import type { DeskParts } from '../parts.ts'
import { withinOf } from '../scope.ts'
import { seenEntry } from '../seen.ts'
import { byId, type DeskApp } from '../taking.ts'

const period = z.object({
  since: z.coerce.number().int().min(0).optional(),
  until: z.coerce.number().int().min(0).optional(),
})
/** Alerts told at most: the latest. */
const MOST = 500

/** Where and when cameras saw a person: alerts that stand, not those that were somebody else. */
export async function trailRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, lists } = options

  app.get(
    '/entries/:id/trail',
    {
      config: { needs: 'alerts.view', act: 'entry.trailed' },
      schema: {
        summary: 'Where and when cameras saw a person',
        answers: { 200: trailAnswer },
        params: byId,
        querystring: period,
      },
    },
    async ({ params, query, caller, recorded }): Promise<Trail> => {
      const { name, id } = await seenEntry(store.entries, params.id, caller)
      const { since, until } = query
      const within = withinOf(caller, lists)
      const standing = await store.alerts.trail({
        entry: id,
        since,
        until,
        within,
        limit: MOST + 1,
      })
      const points = standing.slice(0, MOST).map(pointOf).reverse()
      recorded.details = { points: points.length }
      return { entry: id, name, points, more: standing.length > MOST }
    },
  )
}

function pointOf(alert: Alert): TrailPoint {
  const { id, capturedAt, agent, camera, incident, certainty, state, outcome } = alert
  const { late, retrospective, place } = alert
  const about = { agent, camera, incident, certainty, state, outcome, late, retrospective, place }
  return { alert: id, at: capturedAt, ...about, undecided: alert.rival !== null }
}
