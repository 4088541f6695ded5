import { z } from 'zod'
import type { Caller } from '../../operators/caller.ts'
import type { Rejection } from '../../store/rejections.ts'
import type { NamedRejection } from '../answered/rejections.ts'
import { alertAnswer, rejectionAnswer } from '../answers/alerts.ts'
import { naming } from '../named.ts'
import type { DeskParts } from '../parts.ts'
import { reaches } from '../scope.ts'
import type { DeskApp } from '../taking.ts'

const filter = z.object({ entry: z.string().optional() })

type ById = { Params: { id: string } }

/** Whom operators told apart from entries, in judging alerts false: list, take back. */
export async function rejectionRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, rejections, decisions } = options
  const named = naming(store.entries, options.lists)

  const seen = async (caller: Caller, all: readonly Rejection[]): Promise<Rejection[]> => {
    const places = await Promise.all(
      all.map(({ alertId }) => store.whereabouts.of('alerts', alertId)),
    )
    return all.filter((_, i) => reaches(caller, places[i] ?? {}))
  }

  app.get(
    '/rejections',
    {
      config: { needs: 'alerts.view', act: 'rejections.listed' },
      schema: {
        summary: 'Whom operators told apart from entries',
        answers: { 200: z.array(rejectionAnswer) },
        querystring: filter,
      },
    },
    async ({ query, caller }) => {
      const found = await seen(caller, await rejections.list(query.entry))
      return Promise.all(
        found.map(async (rejection): Promise<NamedRejection> => {
          const { name } = await store.entries.get(rejection.entryId)
          return { ...rejection, name }
        }),
      )
    },
  )

  app.delete<ById>(
    '/rejections/:id',
    {
      config: { needs: 'alerts.decide' },
      schema: { summary: 'Take a judgement back', answers: { 200: alertAnswer } },
    },
    async ({ params, hand, caller }) => {
      const alert = await rejections.alertOf(params.id)
      return named(await decisions.reopen(alert, hand, null), caller)
    },
  )
}
