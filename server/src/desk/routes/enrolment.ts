import { messageOf, Refusal } from '@vedette/shared/errors'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Upload } from '../../gallery/enrolment.ts'
import type { EnrolAnswer } from '../../gallery/enrolment-answer.ts'
import { digestOf } from '../../store/enrolment-keys.ts'
import { enrolAnswer } from '../answers/enrolment.ts'
import { IMPORT_HEADER, KEY_HEADER } from '../headers.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'
import { addSighting, sightingFields } from '../sighting.ts'
import type { DeskApp } from '../taking.ts'

const LONGEST_KEY = 200

const words = z.string().trim().max(2000).default('')
const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((said) => said === 'true')
const face = z.coerce.number().int().min(1)
const oneFace = z
  .string()
  .regex(/^([1-9]\d{0,3})?$/, 'expected the number of a face, or nothing')
  .transform((said) => (said === '' ? undefined : Number(said)))
const lines = z
  .string()
  .max(10_000)
  .default('')
  .transform((text) => text.split('\n').map((line) => line.trim()))

const about = {
  list: z.string().default('wanted'),
  /** For every photograph that has no own in `faces`. */
  face: face.optional(),
  /** One a line, as the photographs come; an empty line says nothing. */
  faces: lines.pipe(z.array(oneFace)),
  sources: lines,
  taken: lines,
  /** Go on with the photographs that are good. */
  poor: flag,
  /** Go on though it looks like somebody else, or like too many. */
  anyway: flag,
}

const fields = z.object({
  ...about,
  name: z.string(),
  aliases: lines.transform((all) => all.filter((one) => one !== '')),
  reason: words,
  legalBasis: words,
  authority: words,
  caseNumber: words,
  note: words,
  /** Epoch milliseconds. */
  expiresAt: z.coerce.number().int().optional(),
})

export const checkFields = z.object({ ...about, into: z.string().optional() })

/** What a form says, and its files. */
type Form = { text: Record<string, unknown>; files: { file: string; bytes: Uint8Array }[] }

/** Enrolling people, and what would be said of it. */
export async function enrolmentRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, enrolments, throttle, imports } = options

  app.post(
    '/entries',
    {
      config: {
        needs: 'entries.enrol',
        form: { fields: fields.extend(sightingFields), photos: 'several' },
      },
      schema: { summary: 'Enrol somebody', answers: { 201: enrolAnswer } },
    },
    async (request, reply) => {
      store.condition.ask()
      const grant = request.headers[IMPORT_HEADER]
      // Before the form is read: what is too much costs nothing but the asking.
      if (grant === undefined) await throttle.take(request.operator)
      const form = await readForm(request)
      await addSighting(form, request.caller, store.alerts)
      const { asked, photos } = askedOf(parse(fields, form.text), form, request)
      const key = keyOf(request)
      const digest = digestOf(asked)
      const wish = { request: { ...asked, hand: request.hand }, key, digest }
      const answer: EnrolAnswer = await enrolments.enrol(wish, async () => {
        if (grant !== undefined) await imports.draw(String(grant), request.operator, photos.length)
      })
      return reply.code(201).send(answer)
    },
  )

  app.post(
    '/entries/check',
    {
      config: {
        needs: 'entries.enrol',
        act: 'entries.checked',
        form: { fields: checkFields.extend(sightingFields), photos: 'several' },
      },
      schema: { summary: 'What would be said of these photographs', answers: { 200: enrolAnswer } },
    },
    async (request): Promise<EnrolAnswer> => {
      const form = await readForm(request)
      await addSighting(form, request.caller, store.alerts)
      const { asked } = askedOf(parse(checkFields, form.text), form, request)
      request.recorded.details = { photos: asked.photos.length, list: asked.list }
      return enrolments.check(asked)
    },
  )
}

type Said = z.output<typeof fields> | z.output<typeof checkFields>

/** The request of a form, in the name of whoever makes it. Throws Refusal `list.not-found`. */
export function askedOf<S extends Said>(said: S, { files }: Form, { caller }: FastifyRequest) {
  const { faces, sources, taken, face: usual, ...rest } = said
  if (!caller.sees(rest.list)) {
    throw new Refusal('list.not-found', `no list ${rest.list}`, {
      hint: 'see: vedette lists list',
      params: { list: rest.list },
    })
  }
  const photos: Upload[] = files.map((file, i) => ({
    ...file,
    face: faces[i] ?? usual,
    origin: originOf(sources[i], taken[i]),
  }))
  return { asked: { ...rest, photos, sees: (list: string) => caller.sees(list) }, photos }
}

function originOf(source = '', taken = ''): Upload['origin'] {
  return source === '' && taken === '' ? undefined : { source, taken }
}

/** The key of a request that may be asked again. Throws Refusal `request.invalid`. */
export function keyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers[KEY_HEADER]
  if (key === undefined) return undefined
  if (typeof key === 'string' && key !== '' && key.length <= LONGEST_KEY) return key
  throw new Refusal('request.invalid', `${KEY_HEADER}: 1 to ${LONGEST_KEY} characters expected`, {
    hint: 'a UUID does well',
  })
}

/** Reads multipart/form-data: fields, and files named `photo`. */
export async function readForm(request: FastifyRequest): Promise<Form> {
  const text: Record<string, unknown> = {}
  const files: Form['files'] = []
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') files.push({ file: part.filename, bytes: await part.toBuffer() })
      else text[part.fieldname] = part.value
    }
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error) throw error
    throw new Refusal('request.invalid', `the form cannot be read: ${messageOf(error)}`)
  }
  return { text, files }
}
