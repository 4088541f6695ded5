import { z } from 'zod'
import { worst } from '../../cameras/state.ts'
import type { Caller } from '../../operators/caller.ts'
import { standingOf } from '../../store/condition.ts'
import type { Watch } from '../answered/cameras.ts'
import { troubleAnswer, watchAnswer } from '../answers/cameras.ts'
import type { DeskParts } from '../parts.ts'
import { byId, type DeskApp } from '../taking.ts'

const filter = z.object({
  agent: z.string().optional(),
  camera: z.string().optional(),
  standing: z.enum(['true', 'false']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
const ofTrouble = byId.extend({ moment: z.enum(['begin', 'end']) })

type ByCamera = { Params: { agent: string; camera: string } }

/** What can be relied upon: cameras, whether test faces come through, and what is wrong with them. */
export async function cameraRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, watchfulness, places } = options
  const { cameras } = watchfulness

  app.get(
    '/cameras',
    {
      config: { needs: 'cameras.view' },
      schema: {
        summary: 'Every camera, its state, and the worst of them',
        answers: { 200: watchAnswer },
      },
    },
    ({ caller }): Watch => watchOf(options, caller),
  )

  app.delete<ByCamera>(
    '/cameras/:agent/:camera',
    {
      config: { needs: 'cameras.manage' },
      schema: { summary: 'Forget a camera that is gone', answers: { 204: null } },
    },
    async ({ params, hand }, reply) => {
      await cameras.forget(params, hand)
      await places.forget(params)
      return reply.code(204).send()
    },
  )

  app.get(
    '/cameras/troubles',
    {
      config: { needs: 'cameras.view' },
      schema: {
        summary: 'What was wrong with cameras, and when',
        answers: { 200: z.array(troubleAnswer) },
        querystring: filter,
      },
    },
    ({ query, caller }) => {
      const { standing, agent, camera, limit } = query
      return store.troubles.list({
        ...(agent !== undefined && { agent }),
        ...(camera !== undefined && { camera }),
        ...(standing === 'true' && { standing: true }),
        cameras: caller.scope.cameras,
        limit,
      })
    },
  )

  const picture = {
    config: { needs: 'cameras.view', act: 'trouble.viewed' },
  } as const
  app.get(
    '/cameras/troubles/:id/:moment',
    {
      ...picture,
      schema: {
        summary: 'What a camera showed as its trouble began or ended',
        answers: { 200: 'image/jpeg' },
        params: ofTrouble,
      },
    },
    async ({ params }, reply) => {
      const { id, moment } = params
      return reply.type('image/jpeg').send(await store.troubles.picture(id, moment))
    },
  )
}

/** The cameras that `caller` sees, and the worst of it all: without cameras, or unchecked, nothing is called green. */
export function watchOf(
  { watchfulness, store }: Pick<DeskParts, 'watchfulness' | 'store'>,
  caller: Caller,
): Watch {
  const all = watchfulness.cameras.all()
  const cameras = all.filter(({ agent, camera }) => caller.seesCamera(agent, camera))
  const standing = store.condition.troubles.map(standingOf)
  const ofCameras = worst(cameras.map(({ state }) => state)) ?? 'amber'
  return {
    state: worst([ofCameras, ...standing.map(({ state }) => state)])!,
    canary: watchfulness.canary,
    cameras,
    store: standing,
  }
}
