import { z } from 'zod'
import { exportEvidence } from '../../evidence/export.ts'
import type { DeskParts } from '../parts.ts'
import { byId, type DeskApp } from '../taking.ts'

const wish = z.object({ photos: z.enum(['0', '1']).default('0') })

/** What an alert rests on, handed out. */
export async function evidenceRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  app.get(
    '/alerts/:id/evidence',
    {
      config: { needs: 'evidence.export', grave: true },
      schema: {
        summary: 'What it rests on, as one file that stands by itself',
        answers: { 200: 'application/zip' },
        params: byId,
        querystring: wish,
      },
    },
    async ({ params, query, hand }, reply) => {
      const photos = query.photos === '1'
      const file = await exportEvidence(params.id, hand, { photos }, options)
      return reply.type('application/zip').send(file)
    },
  )
}
