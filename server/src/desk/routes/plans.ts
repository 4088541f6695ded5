import { Refusal } from '@vedette/shared/errors'
import { isName } from '@vedette/shared/identity'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { v7 as newId } from 'uuid'
import { z } from 'zod'
import type { Caller } from '../../operators/caller.ts'
import { isAllowed } from '../../operators/roles.ts'
import { planSpot } from '../../places/placing.ts'
import { type FloorPlan, type PlanPlace, planNotFound } from '../../store/plans.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'
import { readForm } from './enrolment.ts'

const name = z.string().trim().min(1).max(100)
const metres = z.number().positive().max(100_000)
const north = z.number().min(0).max(360)

/** As a form has them: text. */
const added = z.strictObject({
  name,
  metres: z.coerce.number().pipe(metres).nullable().default(null),
  north: z.coerce.number().pipe(north).default(0),
})
const changed = z.strictObject({ name, metres: metres.nullable(), north })
const part = z.string().refine(isName, 'expected AGENT/CAMERA')
const cameraName = z.strictObject({ agent: part, camera: part })

type ById = { Params: { id: string } }

/** Floor plans, and where on them cameras are. */
export async function planRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { store, photos, places, clock } = options
  const { plans } = store
  const views = { config: { needs: 'cameras.view' } } as const
  const manages = { config: { needs: 'cameras.manage' } } as const

  app.get('/plans', views, async ({ caller }): Promise<FloorPlan[]> => {
    const placed = await plans.placed()
    return (await plans.all()).filter(({ id }) => isSeen(id, placed, caller))
  })

  app.get<ById>('/plans/:id/image', views, async ({ params, caller }, reply) => {
    if (!isSeen(params.id, await plans.placed(), caller)) throw planNotFound(params.id)
    return reply.type('image/webp').send(await plans.image(params.id))
  })

  app.post('/plans', manages, async (request, reply) => {
    const { text, files } = await readForm(request)
    const words = parse(added, text)
    const [file, more] = files
    if (file === undefined) {
      throw new Refusal('photo.none', 'no picture of the floor was given', {
        hint: 'send it as a file: JPEG, PNG or WebP, 8 MB at most',
      })
    }
    if (more !== undefined) throw new Refusal('photo.too-many', 'one picture at a time')
    const drawing = await photos.redraw(file.bytes)
    const plan = await plans.add(newId(), words, drawing, request.hand, clock.now())
    return reply.code(201).send(plan)
  })

  app.put<ById>('/plans/:id', manages, async (request, reply) => {
    const id = await ownPlan(request, plans.placed())
    await plans.change(id, parse(changed, request.body ?? {}), request.hand, clock.now())
    return reply.code(204).send()
  })

  app.delete<ById>('/plans/:id', manages, async (request, reply) => {
    await plans.remove(await ownPlan(request, plans.placed()), request.hand, clock.now())
    return reply.code(204).send()
  })

  app.put(
    '/cameras/:agent/:camera/plan',
    manages,
    async ({ params, body, caller, hand }, reply) => {
      const [camera, spot] = [parse(cameraName, params), parse(planSpot, body ?? {})]
      if (!isSeen(spot.plan, await plans.placed(), caller)) throw planNotFound(spot.plan)
      await places.onPlan(camera, spot, hand)
      return reply.code(204).send()
    },
  )

  app.delete('/cameras/:agent/:camera/plan', manages, async ({ params, hand }, reply) => {
    await places.offPlan(parse(cameraName, params), hand)
    return reply.code(204).send()
  })
}

/** A plan is there for whoever sees every camera, or one of those on it; an empty one for who places. */
function isSeen(plan: string, placed: readonly PlanPlace[], caller: Caller): boolean {
  if (caller.scope.cameras === null) return true
  const on = placed.filter((place) => place.plan === plan)
  if (on.length === 0) return isAllowed(caller.role, 'cameras.manage')
  return on.some(({ agent, camera }) => caller.seesCamera(agent, camera))
}

/** Throws Refusal `plan.not-found`; `operator.not-allowed` where cameras of others stand on it. */
async function ownPlan(
  { params, caller }: FastifyRequest<ById>,
  places: Promise<PlanPlace[]>,
): Promise<string> {
  const { id } = params
  const placed = await places
  if (!isSeen(id, placed, caller)) throw planNotFound(id)
  const others = placed.some(
    ({ plan, agent, camera }) => plan === id && !caller.seesCamera(agent, camera),
  )
  if (!others) return id
  throw new Refusal('operator.not-allowed', 'cameras stand on it that are not yours', {
    hint: 'ask an admin who sees all cameras',
  })
}
