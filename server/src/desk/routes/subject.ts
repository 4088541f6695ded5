import { type Held, heldAbout } from '../../subject/held.ts'
import { heldAnswer } from '../answers/subject.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

type ById = { Params: { id: string } }

/** What a person on a list has a right to be told. */
export async function subjectRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, periods, clock } = options

  app.get<ById>(
    '/entries/:id/report',
    {
      config: { needs: 'reports.view', act: 'entry.reported' },
      schema: {
        summary: 'What a person on a list has a right to be told',
        answers: { 200: heldAnswer },
      },
    },
    ({ params, caller }): Promise<Held> =>
      heldAbout(params.id, { store, periods, at: clock.now(), caller }),
  )
}
