import { isAbsolute } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'

const backup = z.strictObject({
  folder: z.string().refine(isAbsolute, 'expected an absolute path'),
  keep: z.number().int().min(1).optional(),
})

/** The database itself: its key, backups, whether it is whole. */
export async function databaseRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { keys, backups } = options.keeping
  const manage = { config: { needs: 'database.manage' } } as const
  const grave = { config: { needs: 'database.manage', grave: true } } as const

  app.get('/database/key', manage, () => keys.status)

  app.post('/database/key/rotate', grave, () => keys.rotate())

  app.post('/database/key/retire', grave, ({ hand }) => keys.retire(hand))

  app.post('/database/backups', manage, async ({ body, hand }, reply) => {
    const { folder, keep } = parse(backup, body)
    return reply.code(201).send(await backups.take(folder, hand, keep))
  })

  app.post('/database/check', manage, () => backups.check())
}
