import { createHash } from 'node:crypto'
import { messageOf, Refusal } from '@vedette/shared/errors'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Caller } from '../../operators/caller.ts'
import type { Answer } from '../../past/answer.ts'
import type { CameraId } from '../../past/policy.ts'
import type { PastStatus } from '../answered/past.ts'
import { pastAnswer, searchedAnswer } from '../answers/past.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'
import { addSighting, sightingFields } from '../sighting.ts'
import type { DeskApp } from '../taking.ts'

const instant = z.coerce.number().int().min(0).max(8.64e15)
const fields = z.object({
  since: instant,
  until: instant.optional(),
  /** AGENT/CAMERA, commas between; all where none is named. */
  cameras: z.string().default(''),
  list: z.string().optional(),
  face: z.coerce.number().int().min(1).optional(),
  near: z.enum(['0', '1']).default('0'),
})

type ById = { Params: { id: string } }
/** What a form says, and its files. */
type Form = { text: Record<string, unknown>; files: { file: string; bytes: Uint8Array }[] }
type Asked = { fields: z.output<typeof fields>; photo: Uint8Array; alert: string | undefined }

/** What was seen while nobody looked for it: search it, show a picture, say what is kept. */
export async function pastRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, past, photos, galleries, clock } = options

  app.get(
    '/past',
    {
      config: { needs: 'past.search' },
      schema: {
        summary: 'What is kept of walks that matched nobody',
        answers: { 200: pastAnswer },
      },
    },
    ({ caller }): PastStatus => {
      const { lists, ...kept } = past.status
      return { ...kept, lists: lists.filter(({ list }) => caller.sees(list)) }
    },
  )

  app.post(
    '/past/search',
    {
      config: {
        needs: 'past.search',
        act: 'past.searched',
        form: { fields: fields.extend(sightingFields), photos: 'one' },
      },
      schema: {
        summary: 'Where the face of a photograph was seen; asks for a reason',
        answers: { 200: searchedAnswer },
      },
    },
    async (request): Promise<Answer> => {
      const { caller, hand, recorded } = request
      if (hand.why === null) {
        throw new Refusal('past.no-reason', 'nobody searches the past without a reason', {
          hint: 'say why with --reason: it is recorded',
        })
      }
      const { fields: asked, photo, alert } = await askedBy(request, store.alerts)
      const { since, until = clock.now() } = asked
      if (since >= until) {
        throw new Refusal('request.invalid', 'the time asked for has no length', {
          hint: 'give --since a time before --until, like --since 24h',
        })
      }
      const lists = await listsOf(asked.list, caller, store)
      const [first, ...others] = [galleries.active, ...galleries.all].map(({ space }) => space)
      const spaces = new Set(others)
      spaces.delete(first!)
      const { also, ...portrait } = await photos.read(photo, asked.face, [first!, ...spaces])
      const cameras = asked.cameras === '' ? undefined : new Set(asked.cameras.split(','))
      const asks = ({ agent, camera }: CameraId) =>
        caller.seesCamera(agent, camera) && (cameras?.has(`${agent}/${camera}`) ?? true)
      const answer = await past.ask({
        likenesses: [portrait, ...also],
        ...{ lists, since, until, asks },
        sees: (list) => caller.sees(list),
        near: asked.near === '1',
      })
      recorded.about = { ...(asked.list !== undefined && { list: asked.list }) }
      recorded.details = {
        // Of the file, not of the face: who says later which photograph it was can be held to it.
        photo: createHash('sha256').update(photo).digest('hex'),
        ...(alert !== undefined && { asInAlert: alert }),
        ...{ since, until, lists, cameras: [...(cameras ?? [])] },
        ...{ walks: answer.walks, sightings: answer.sightings.length },
        alerts: answer.alerts.map(({ id }) => id),
      }
      return answer
    },
  )

  app.get<ById>(
    '/past/sightings/:id/picture',
    {
      config: { needs: 'past.search', act: 'sighting.viewed' },
      schema: { summary: 'The face of a sighting', answers: { 200: 'image/jpeg' } },
    },
    async ({ params, caller, recorded }, reply) => {
      const { kept, picture } = await past.picture(params.id, ({ agent, camera }) =>
        caller.seesCamera(agent, camera),
      )
      const { agent, camera, at } = kept
      recorded.about = { agent, camera: `${agent}/${camera}` }
      recorded.details = { sighting: params.id, at }
      return reply.type('image/jpeg').send(Buffer.from(picture))
    },
  )
}

/** Those that are asked for, or all that whoever asks may see. Throws Refusal `list.not-found`. */
async function listsOf(
  asked: string | undefined,
  caller: Caller,
  store: DeskParts['store'],
): Promise<string[]> {
  if (asked !== undefined) {
    if (!caller.sees(asked)) throw new Refusal('list.not-found', `no list ${asked}`)
    return [(await store.lists.get(asked)).id]
  }
  return (await store.lists.all()).flatMap(({ id }) => (caller.sees(id) ? id : []))
}

/**
 * The fields, and one picture: a file, or what the alert shows that the field `alert` names (of its
 * frames the field `shot`). Throws Refusal `photo.none`, `photo.too-many`, `alert.not-found`.
 */
async function askedBy(
  request: FastifyRequest,
  alerts: Parameters<typeof addSighting>[2],
): Promise<Asked> {
  const form = await readForm(request)
  await addSighting(form, request.caller, alerts)
  const [photo, more] = form.files
  if (photo === undefined) throw new Refusal('photo.none', 'no photograph was given')
  if (more !== undefined) throw new Refusal('photo.too-many', 'one photograph at a time')
  const { alert } = form.text
  const asked = parse(fields, form.text)
  return { fields: asked, photo: photo.bytes, alert: alert === undefined ? alert : String(alert) }
}

/** Reads multipart/form-data. */
async function readForm(request: FastifyRequest): Promise<Form> {
  const form: Form = { text: {}, files: [] }
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') {
        form.files.push({ file: part.filename, bytes: await part.toBuffer() })
      } else form.text[part.fieldname] = part.value
    }
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error) throw error
    throw new Refusal('request.invalid', `the form cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
  return form
}
