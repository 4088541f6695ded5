import { z } from 'zod'
import type { OpenedImport } from '../answered/imports.ts'
import { importAnswer, openedImportAnswer } from '../answers/approvals.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

const HOUR_MS = 3_600_000
const wish = z.strictObject({
  photos: z.number().int().min(1).max(100_000),
  hours: z.number().int().min(1).max(72).default(8),
})

type ById = { Params: { id: string } }

/** Imports: asked for with a reason, approved by a second operator, closed. */
export async function importRoutes(app: DeskApp, { imports }: DeskParts): Promise<void> {
  const enrol = { config: { needs: 'entries.enrol' } } as const
  const view = { config: { needs: 'entries.view' } } as const
  const approve = { config: { needs: 'entries.approve', grave: true } } as const

  app.post(
    '/imports',
    {
      ...enrol,
      schema: {
        summary: 'Ask for an import of many',
        answers: { 201: openedImportAnswer },
        body: wish,
      },
    },
    async ({ body, hand }, reply): Promise<OpenedImport> => {
      const { photos, hours } = body
      const opened = await imports.open(hand, photos, hours * HOUR_MS)
      reply.code(201)
      return { ...opened, approvers: imports.approvers(opened.openedBy) }
    },
  )

  app.get(
    '/imports',
    { ...view, schema: { summary: 'Imports', answers: { 200: z.array(importAnswer) } } },
    () => imports.all(),
  )

  app.get<ById>(
    '/imports/:id',
    {
      ...view,
      schema: {
        summary: 'One import, and who could approve it',
        answers: { 200: openedImportAnswer },
      },
    },
    async ({ params }): Promise<OpenedImport> => {
      const found = await imports.get(params.id)
      return { ...found, approvers: imports.approvers(found.openedBy) }
    },
  )

  app.post<ById>(
    '/imports/:id/approve',
    { ...approve, schema: { summary: 'Let somebody import', answers: { 200: importAnswer } } },
    ({ params, hand }) => imports.approve(params.id, hand),
  )

  app.post<ById>(
    '/imports/:id/close',
    { ...enrol, schema: { summary: 'It is done', answers: { 200: importAnswer } } },
    ({ params, hand }) => imports.close(params.id, hand),
  )
}
