import { messageOf, Refusal } from '@vedette/shared/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isMeant } from '../../entries/search.ts'
import type { EnrolRequest } from '../../gallery/enrolment.ts'
import type { Entry } from '../../store/entries.ts'
import type { PhotoRecord } from '../../store/photos.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'
import { seenEntry } from '../seen.ts'

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

const filter = z.object({
  text: z.string().max(200).default(''),
  list: z.string().optional(),
  state: z.enum(['pending', 'live', 'refused', 'expired']).optional(),
  by: z.string().optional(),
  /** Milliseconds from now. */
  expiresWithin: z.coerce.number().int().min(0).optional(),
})

const tightening = z.object({ factor: z.number() })

type ById = { Params: { id: string } }
type ByPosition = { Params: { id: string; position: string } }

/** People on the list: enrol, list, show, judge, tighten, remove. */
export async function entryRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { store, throttle, imports, enrolment, strictness, health, clock } = options

  app.post('/entries', { config: { needs: 'entries.enrol' } }, async (request, reply) => {
    const grant = request.headers[IMPORT_HEADER]
    // Before the form is read: what is too much costs nothing but the asking.
    if (grant === undefined) await throttle.take(request.operator)
    const form = await readForm(request)
    if (grant !== undefined) await imports.draw(String(grant), request.operator, form.photos.length)
    const entry = await enrolment.enrol(form)
    return reply.code(201).send(entry)
  })

  app.get(
    '/entries',
    { config: { needs: 'entries.view', act: 'entries.listed' } },
    async ({ query, caller }): Promise<Entry[]> => {
      const { text, expiresWithin, ...rest } = parse(filter, query)
      const until = expiresWithin === undefined ? undefined : clock.now() + expiresWithin
      const found = await store.entries.all({ ...rest, until })
      return found.filter(({ list }) => caller.sees(list)).filter(isMeant(text))
    },
  )

  app.get<ById>(
    '/entries/:id/photos',
    { config: { needs: 'entries.view', act: 'entry.viewed' } },
    async ({ params, caller }): Promise<PhotoRecord[]> => {
      await seenEntry(store.entries, params.id, caller)
      return store.entries.photos(params.id)
    },
  )

  app.get(
    '/entries/health',
    { config: { needs: 'entries.view', act: 'entries.listed' } },
    async ({ caller }) => (await health()).filter(({ list }) => caller.sees(list)),
  )

  app.get<ById>(
    '/entries/:id',
    { config: { needs: 'entries.view', act: 'entry.viewed' } },
    ({ params, caller }) => seenEntry(store.entries, params.id, caller),
  )

  app.get<ByPosition>(
    '/entries/:id/photos/:position',
    { config: { needs: 'entries.view', act: 'entry.photo-viewed' } },
    async ({ params, caller, recorded }, reply) => {
      await seenEntry(store.entries, params.id, caller)
      const jpeg = await store.entries.photo(params.id, Number(params.position) - 1)
      recorded.details = { photo: Number(params.position) }
      return reply.type('image/jpeg').send(jpeg)
    },
  )

  app.post<ById>(
    '/entries/:id/strictness',
    { config: { needs: 'entries.change' } },
    async ({ params, caller, body, hand }) => {
      await seenEntry(store.entries, params.id, caller)
      const { factor } = parse(tightening, body)
      return strictness.set(params.id, factor, hand, clock.now())
    },
  )

  app.delete<ByPosition>(
    '/entries/:id/photos/:position',
    { config: { needs: 'entries.change' } },
    async ({ params, caller, operator }) => {
      await seenEntry(store.entries, params.id, caller)
      return enrolment.removePhoto(params.id, Number(params.position), operator)
    },
  )

  app.delete<ById>(
    '/entries/:id',
    { config: { needs: 'entries.erase', grave: true } },
    async (request, reply) => {
      await seenEntry(store.entries, request.params.id, request.caller)
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
