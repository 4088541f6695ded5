import { isName } from '@vedette/shared/identity'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { placing } from '../../places/placing.ts'
import type { CameraPlace } from '../../store/places.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'

const name = z.string().refine(isName, 'expected AGENT/CAMERA')
const cameraName = z.strictObject({ agent: name, camera: name })

/** Where cameras are. */
export async function placeRoutes(app: FastifyInstance, { places }: DeskParts): Promise<void> {
  app.get(
    '/cameras/places',
    { config: { needs: 'cameras.view' } },
    async ({ caller }): Promise<CameraPlace[]> => {
      const all = await places.all()
      return all.filter(({ agent, camera }) => caller.seesCamera(agent, camera))
    },
  )

  app.put(
    '/cameras/:agent/:camera/place',
    { config: { needs: 'cameras.manage' } },
    async ({ params, body, hand }, reply) => {
      await places.place(parse(cameraName, params), parse(placing, body ?? {}), hand)
      return reply.code(204).send()
    },
  )

  app.delete(
    '/cameras/:agent/:camera/place',
    { config: { needs: 'cameras.manage' } },
    async ({ params, hand }, reply) => {
      await places.unplace(parse(cameraName, params), hand)
      return reply.code(204).send()
    },
  )
}
