import { z } from 'zod'
import { adviceFor } from '../../spaces/advice.ts'
import type { ModelsStatus } from '../answered/models.ts'
import { modelsAnswer } from '../answers/models.ts'
import type { DeskParts } from '../parts.ts'
import { byId, type DeskApp } from '../taking.ts'

const use = z.strictObject({
  /** Switch to it; else only begin to embed with it. */
  now: z.boolean().default(false),
  /** Also where entries would not be found any more. */
  anyway: z.boolean().default(false),
})

/** Models that match: begin with another, compare, switch, go back. */
export async function modelRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { change, galleries, spoken } = options

  const status = async (): Promise<ModelsStatus> => {
    const { space, entries, templates } = galleries.active
    const agents: Record<string, string[]> = {}
    for (const [agent, speaks] of spoken()) agents[speaks] = [...(agents[speaks] ?? []), agent]
    return {
      active: space,
      spaces: await change.status(),
      agents,
      advice: adviceFor({ space, entries, templates }) ?? null,
    }
  }

  app.get(
    '/models',
    {
      config: { needs: 'models.view' },
      schema: { summary: 'Models in use, and who speaks them', answers: { 200: modelsAnswer } },
    },
    status,
  )

  app.post(
    '/models/:id/use',
    {
      config: { needs: 'models.manage' },
      schema: {
        summary: 'Begin with a model, or switch to it',
        answers: { 200: modelsAnswer },
        params: byId,
        body: use,
      },
    },
    async ({ params, body, hand }) => {
      const { now, anyway } = body
      if (now) await change.switchTo(params.id, hand, { anyway })
      else await change.use(params.id, hand)
      return status()
    },
  )
}
