import type { FastifyInstance } from 'fastify'
import type { DeskParts } from '../parts.ts'

/** The database itself: its key. */
export async function databaseRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { keys } = options.keeping
  const manage = { config: { needs: 'database.manage' } } as const
  const grave = { config: { needs: 'database.manage', grave: true } } as const

  app.get('/database/key', manage, () => keys.status)

  app.post('/database/key/rotate', grave, () => keys.rotate())

  app.post('/database/key/retire', grave, ({ hand }) => keys.retire(hand))
}
