import { Refusal } from '@vedette/shared/errors'
import { isName } from '@vedette/shared/identity'
import { v7 as newId } from 'uuid'
import { z } from 'zod'
import type { Caller } from '../../operators/caller.ts'
import { isAllowed } from '../../operators/roles.ts'
import { planSpot } from '../../places/placing.ts'
import { type FloorPlan, type PlanPlace, planNotFound } from '../../store/plans.ts'
import { planAnswer } from '../answers/places.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'
import { byId, type DeskApp } from '../taking.ts'
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

/** Floor plans, and where on them cameras are. */
export async function planRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, photos, places, clock } = options
  const { plans } = store
  const views = { needs: 'cameras.view' } as const
  const manages = { needs: 'cameras.manage' } as const

  app.get(
    '/plans',
    { config: views, schema: { summary: 'Floor plans', answers: { 200: z.array(planAnswer) } } },
    async ({ caller }): Promise<FloorPlan[]> => {
      const placed = await plans.placed()
      return (await plans.all()).filter(({ id }) => isSeen(id, placed, caller))
    },
  )

  app.get(
    '/plans/:id/image',
    {
      config: { ...views },
      schema: { summary: 'What a floor plan shows', answers: { 200: 'image/webp' }, params: byId },
    },
    async ({ params, caller }, reply) => {
      if (!isSeen(params.id, await plans.placed(), caller)) throw planNotFound(params.id)
      return reply.type('image/webp').send(await plans.image(params.id))
    },
  )

  app.post(
    '/plans',
    {
      config: { ...manages, form: { fields: added, photos: 'one' } },
      schema: { summary: 'Add a floor plan', answers: { 201: planAnswer } },
    },
    async (request, reply) => {
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
    },
  )

  app.put(
    '/plans/:id',
    {
      config: manages,
      schema: {
        summary: 'Say what a floor plan shows',
        answers: { 204: null },
        params: byId,
        body: changed,
      },
    },
    async ({ params, body, caller, hand }, reply) => {
      await plans.change(ownPlan(params.id, await plans.placed(), caller), body, hand, clock.now())
      return reply.code(204).send()
    },
  )

  app.delete(
    '/plans/:id',
    {
      config: manages,
      schema: { summary: 'Remove a floor plan', answers: { 204: null }, params: byId },
    },
    async ({ params, caller, hand }, reply) => {
      await plans.remove(ownPlan(params.id, await plans.placed(), caller), hand, clock.now())
      return reply.code(204).send()
    },
  )

  app.put(
    '/cameras/:agent/:camera/plan',
    {
      config: manages,
      schema: {
        summary: 'Put a camera on a floor plan',
        answers: { 204: null },
        params: cameraName,
        body: planSpot,
      },
    },
    async ({ params, body, caller, hand }, reply) => {
      if (!isSeen(body.plan, await plans.placed(), caller)) throw planNotFound(body.plan)
      await places.onPlan(params, body, hand)
      return reply.code(204).send()
    },
  )

  app.delete(
    '/cameras/:agent/:camera/plan',
    {
      config: manages,
      schema: {
        summary: 'Take a camera off its floor plan',
        answers: { 204: null },
        params: cameraName,
      },
    },
    async ({ params, hand }, reply) => {
      await places.offPlan(params, hand)
      return reply.code(204).send()
    },
  )
}

/** A plan is there for whoever sees every camera, or one of those on it; an empty one for who places. */
function isSeen(plan: string, placed: readonly PlanPlace[], caller: Caller): boolean {
  if (caller.scope.cameras === null) return true
  const on = placed.filter((place) => place.plan === plan)
  if (on.length === 0) return isAllowed(caller.role, 'cameras.manage')
  return on.some(({ agent, camera }) => caller.seesCamera(agent, camera))
}

/** Throws Refusal `plan.not-found`; `operator.not-allowed` where cameras of others stand on it. */
function ownPlan(id: string, placed: readonly PlanPlace[], caller: Caller): string {
  if (!isSeen(id, placed, caller)) throw planNotFound(id)
  const others = placed.some(
    ({ plan, agent, camera }) => plan === id && !caller.seesCamera(agent, camera),
  )
  if (!others) return id
  throw new Refusal('operator.not-allowed', 'cameras stand on it that are not yours', {
    hint: 'ask an admin who sees all cameras',
  })
}
