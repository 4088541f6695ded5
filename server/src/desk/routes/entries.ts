import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'

const tightening = z.object({ factor: z.number() })

type ById = { Params: { id: string } }
type ByPosition = { Params: { id: string; position: string } }

/** People on the list: list, show, judge, tighten, remove. */
export async function entryRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { store, enrolment, strictness, health } = options

  app.get('/entries', { config: { needs: 'entries.view', act: 'entries.listed' } }, () =>
    store.entries.all(),
  )

  app.get('/entries/health', { config: { needs: 'entries.view', act: 'entries.listed' } }, () =>
    health(),
  )

  app.get<ById>(
    '/entries/:id',
    { config: { needs: 'entries.view', act: 'entry.viewed' } },
    ({ params }) => store.entries.get(params.id),
  )

  app.get<ByPosition>(
    '/entries/:id/photos/:position',
    { config: { needs: 'entries.view', act: 'entry.photo-viewed' } },
    async ({ params, recorded }, reply) => {
      const jpeg = await store.entries.photo(params.id, Number(params.position) - 1)
      recorded.details = { photo: Number(params.position) }
      return reply.type('image/jpeg').send(jpeg)
    },
  )

  app.post<ById>(
    '/entries/:id/strictness',
    { config: { needs: 'entries.change' } },
    ({ params, body }) => strictness.set(params.id, parse(tightening, body).factor),
  )

  app.delete<ByPosition>(
    '/entries/:id/photos/:position',
    { config: { needs: 'entries.change' } },
    ({ params, operator }) => enrolment.removePhoto(params.id, Number(params.position), operator),
  )

  app.delete<ById>(
    '/entries/:id',
    { config: { needs: 'entries.erase', grave: true } },
    async (request, reply) => {
      await enrolment.remove(request.params.id, request.operator)
      return reply.code(204).send()
    },
  )
}
