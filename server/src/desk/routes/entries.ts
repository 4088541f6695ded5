import { messageOf, Refusal } from '@vedette/shared/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { EnrolRequest } from '../../gallery/enrolment.ts'
import type { Caller } from '../../operators/caller.ts'
import type { Entry } from '../../store/entries.ts'
import { listNotFound } from '../../store/list-rows.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'

const words = z.string().trim().max(2000).default('')
const fields = z.object({
  name: z.string(),
  /** One to a line. */
  aliases: words.transform((text) => text.split('\n').flatMap((one) => one.trim() || [])),
  list: z.string().default('wanted'),
  reason: words,
  legalBasis: words,
  authority: words,
  caseNumber: words,
  note: words,
  /** Epoch milliseconds. */
  expiresAt: z.coerce.number().int().optional(),
  face: z.coerce.number().int().min(1).optional(),
})

/** The id of an import to draw from. */
export const IMPORT_HEADER = 'x-vedette-import'

const tightening = z.object({ factor: z.number() })

type ById = { Params: { id: string } }
type ByPosition = { Params: { id: string; position: string } }

/** People on the list: enrol, list, show, judge, tighten, remove. */
export async function entryRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { store, throttle, imports, enrolment, strictness, health } = options

  const seenBy = async (caller: Caller): Promise<Entry[]> =>
    (await store.entries.all()).filter(({ list }) => caller.sees(list))

  app.post('/entries', { config: { needs: 'entries.enrol' } }, async (request, reply) => {
    const grant = request.headers[IMPORT_HEADER]
    // Before the form is read: what is too much costs nothing but the asking.
    if (grant === undefined) await throttle.take(request.operator)
    const form = await readForm(request)
    if (!request.caller.sees(form.list)) throw listNotFound(form.list)
    if (grant !== undefined) await imports.draw(String(grant), request.operator, form.photos.length)
    const entry = await enrolment.enrol(form)
    return reply.code(201).send(entry)
  })

  app.get('/entries', { config: { needs: 'entries.view', act: 'entries.listed' } }, ({ caller }) =>
    seenBy(caller),
  )

  app.get(
    '/entries/health',
    { config: { needs: 'entries.view', act: 'entries.listed' } },
    async ({ caller }) => {
      const seen = new Set((await seenBy(caller)).map(({ id }) => id))
      const troubles = (await health()).filter(({ entryId }) => seen.has(entryId))
      return troubles.map((one) => {
        const hidden = one.lookAlike !== null && !seen.has(one.lookAlike.entryId)
        return hidden ? { ...one, lookAlike: null } : one
      })
    },
  )

  app.get<ById>(
    '/entries/:id',
    { config: { needs: 'entries.view', act: 'entry.viewed' } },
    ({ params }) => store.entries.get(params.id),
  )

  app.get<ByPosition>(
    '/entries/:id/photos/:position',
    { config: { needs: 'entries.view', act: 'entry.photo-viewed' } },
    async ({ params, recorded }, reply) => {
      const jpeg = await store.entries.photo(params.id, Number(params.position) - 1)
      recorded.details = { photo: Number(params.position) }
      return reply.type('image/jpeg').send(jpeg)
    },
  )

  app.post<ById>(
    '/entries/:id/strictness',
    { config: { needs: 'entries.change' } },
    ({ params, body }) => strictness.set(params.id, parse(tightening, body).factor),
  )

  app.delete<ByPosition>(
    '/entries/:id/photos/:position',
    { config: { needs: 'entries.change' } },
    ({ params, operator }) => enrolment.removePhoto(params.id, Number(params.position), operator),
  )

  app.delete<ById>(
    '/entries/:id',
    { config: { needs: 'entries.erase', grave: true } },
    async (request, reply) => {
      await enrolment.remove(request.params.id, request.operator)
      return reply.code(204).send()
    },
  )
}

/** Reads multipart/form-data: fields `name`, `list`, `note`, `face`, and files named `photo`. */
async function readForm(request: FastifyRequest): Promise<EnrolRequest> {
  const text: Record<string, unknown> = {}
  const files: { file: string; bytes: Uint8Array }[] = []
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') files.push({ file: part.filename, bytes: await part.toBuffer() })
      else text[part.fieldname] = part.value
    }
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error) throw error
    throw new Refusal('request.invalid', `the form cannot be read: ${messageOf(error)}`)
  }
  const { face, ...details } = parse(fields, text)
  return { ...details, hand: request.hand, photos: files.map((file) => ({ ...file, face })) }
}
