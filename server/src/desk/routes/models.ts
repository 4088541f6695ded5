import { Refusal } from '@vedette/shared/errors'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type Advice, adviceFor } from '../../spaces/advice.ts'
import type { SpaceStatus } from '../../spaces/change.ts'
import type { DeskParts } from '../parts.ts'

/** The embedding spaces in use, who speaks them, and what should be said of the list. */
export type ModelsStatus = {
  active: string
  spaces: SpaceStatus[]
  /** Agents that are connected, by the space that they speak. */
  agents: Record<string, string[]>
  advice: Advice | null
}

type ById = { Params: { id: string } }

const use = z.strictObject({
  /** Switch to it; else only begin to embed with it. */
  now: z.boolean().default(false),
  /** Also where entries would not be found any more. */
  anyway: z.boolean().default(false),
})

/** Models that match: begin with another, compare, switch, go back. */
export async function modelRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
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

  app.get('/models', { config: { needs: 'models.view' } }, status)

  app.post<ById>(
    '/models/:id/use',
    { config: { needs: 'models.manage' } },
    async ({ params, body, hand }) => {
      const parsed = use.safeParse(body ?? {})
      if (!parsed.success) {
        const [issue] = parsed.error.issues
        throw new Refusal('request.invalid', `${issue?.path.join('.')}: ${issue?.message}`)
      }
      const { now, anyway } = parsed.data
      if (now) await change.switchTo(params.id, hand, { anyway })
      else await change.use(params.id, hand)
      return status()
    },
  )
}
