import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { exportEvidence } from '../../evidence/export.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'

const wish = z.object({ photos: z.enum(['0', '1']).default('0') })

type ById = { Params: { id: string } }

/** What an alert rests on, handed out. */
export async function evidenceRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  app.get<ById>(
    '/alerts/:id/evidence',
    { config: { needs: 'evidence.export', grave: true } },
    async ({ params, query, hand }, reply) => {
      const photos = parse(wish, query).photos === '1'
      const file = await exportEvidence(params.id, hand, { photos }, options)
      return reply.type('application/zip').send(file)
    },
  )
}
