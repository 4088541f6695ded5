import { isName } from '@vedette/shared/identity'
import { z } from 'zod'
import { placing } from '../../places/placing.ts'
import type { CameraPlace } from '../../store/places.ts'
import { cameraPlaceAnswer } from '../answers/places.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

const name = z.string().refine(isName, 'expected AGENT/CAMERA')
const cameraName = z.strictObject({ agent: name, camera: name })

/** Where cameras are. */
export async function placeRoutes(app: DeskApp, { places }: DeskParts): Promise<void> {
  app.get(
    '/cameras/places',
    {
      config: { needs: 'cameras.view' },
      schema: { summary: 'Where cameras are', answers: { 200: z.array(cameraPlaceAnswer) } },
    },
    async ({ caller }): Promise<CameraPlace[]> => {
      const all = await places.all()
      return all.filter(({ agent, camera }) => caller.seesCamera(agent, camera))
    },
  )

  app.put(
    '/cameras/:agent/:camera/place',
    {
      config: { needs: 'cameras.manage' },
      schema: {
        summary: 'Say where a camera is',
        answers: { 204: null },
        params: cameraName,
        body: placing,
      },
    },
    async ({ params, body, hand }, reply) => {
      await places.place(params, body, hand)
      return reply.code(204).send()
    },
  )

  app.delete(
    '/cameras/:agent/:camera/place',
    {
      config: { needs: 'cameras.manage' },
      schema: { summary: 'Forget where a camera is', answers: { 204: null }, params: cameraName },
    },
    async ({ params, hand }, reply) => {
      await places.unplace(params, hand)
      return reply.code(204).send()
    },
  )
}
