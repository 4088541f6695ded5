import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { backupAnswer, checkAnswer, keyAnswer } from '../answers/database.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

const backup = z.strictObject({
  folder: z.string().refine(isAbsolute, 'expected an absolute path'),
  keep: z.number().int().min(1).optional(),
})

/** The database itself: its key, backups, whether it is whole. */
export async function databaseRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { keys, backups } = options.keeping
  const manage = { config: { needs: 'database.manage' } } as const
  const grave = { config: { needs: 'database.manage', grave: true } } as const

  app.get(
    '/database/key',
    { ...manage, schema: { summary: 'Which key seals the database', answers: { 200: keyAnswer } } },
    () => keys.status,
  )

  app.post(
    '/database/key/rotate',
    {
      ...grave,
      schema: { summary: 'Seal everything with the next key', answers: { 200: keyAnswer } },
    },
    () => keys.rotate(),
  )

  app.post(
    '/database/key/retire',
    { ...grave, schema: { summary: 'Forget the key before', answers: { 200: keyAnswer } } },
    ({ hand }) => keys.retire(hand),
  )

  app.post(
    '/database/backups',
    {
      ...manage,
      schema: { summary: 'Take a backup', answers: { 201: backupAnswer }, body: backup },
    },
    async ({ body, hand }, reply) => {
      const { folder, keep } = body
      return reply.code(201).send(await backups.take(folder, hand, keep))
    },
  )

  app.post(
    '/database/check',
    {
      ...manage,
      schema: { summary: 'Whether the database is whole', answers: { 200: checkAnswer } },
    },
    () => backups.check(),
  )
}
