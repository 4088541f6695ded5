import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Rejection } from '../../store/rejections.ts'
import { naming } from '../named.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'

export type NamedRejection = Rejection & { name: string }

const note = z.object({ note: z.string().max(2000).nullable().default(null) })
const filter = z.object({ entry: z.string().optional() })

type ById = { Params: { id: string } }

/** "Not him": reject an alert, list what was rejected, take it back. */
export async function rejectionRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { store, rejections } = options
  const named = naming(store.entries)

  app.post<ById>('/alerts/:id/reject', { config: { needs: 'alerts.decide' } }, async (request) => {
    const { note: words } = parse(note, request.body ?? {})
    return named(await rejections.reject(request.params.id, request.operator, words))
  })

  app.get(
    '/rejections',
    { config: { needs: 'alerts.view', act: 'rejections.listed' } },
    async ({ query }) => {
      const found = await rejections.list(parse(filter, query).entry)
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
    { config: { needs: 'alerts.decide' } },
    async ({ params, operator }) => named(await rejections.undo(params.id, operator)),
  )
}
