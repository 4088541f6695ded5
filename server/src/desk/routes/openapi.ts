import { SOFTWARE } from '@vedette/shared/software'
import { openApiAnswer } from '../answers/openapi.ts'
import { openApi } from '../openapi.ts'
import type { DeskApp } from '../taking.ts'

const [, VERSION = ''] = SOFTWARE.split('/')

/** The desk's own description, for programs and for the page that shows it. */
export async function openApiRoutes(app: DeskApp): Promise<void> {
  let document: string | undefined
  app.get(
    '/openapi.json',
    {
      config: { needs: 'status.view' },
      schema: {
        summary: 'This document: what may be asked of the desk',
        answers: { 200: openApiAnswer },
      },
    },
    async (_request, reply) => {
      document ??= JSON.stringify(openApi(app.described, VERSION))
      return reply.type('application/json').send(document)
    },
  )
}
