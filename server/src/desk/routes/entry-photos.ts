import { z } from 'zod'
import type { AddedTo, Findings } from '../../gallery/enrolment-answer.ts'
import { digestOf } from '../../store/enrolment-keys.ts'
import type { PhotoRecord } from '../../store/photos.ts'
import { addedAnswer, findingsAnswer } from '../answers/enrolment.ts'
import { photoAnswer } from '../answers/entries.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'
import { seenEntry } from '../seen.ts'
import { addSighting, sightingFields } from '../sighting.ts'
import type { DeskApp } from '../taking.ts'
import { askedOf, checkFields, keyOf, readForm } from './enrolment.ts'

type ById = { Params: { id: string } }

/** The photographs of an entry: what is known of them, and more of them. */
export async function entryPhotoRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, register, throttle, enrolment, enrolments } = options

  app.get<ById>(
    '/entries/:id/photos',
    {
      config: { needs: 'entries.view', act: 'entry.viewed' },
      schema: {
        summary: 'What is known of its photographs',
        answers: { 200: z.array(photoAnswer) },
      },
    },
    async ({ params, caller }): Promise<PhotoRecord[]> => {
      await seenEntry(store.entries, params.id, caller)
      return store.entries.photos(params.id)
    },
  )

  /** How its photographs, look-alikes and false alerts stand today. */
  app.get<ById>(
    '/entries/:id/standing',
    {
      config: { needs: 'entries.view', act: 'entry.viewed' },
      schema: {
        summary: 'How its photographs, look-alikes and false alerts stand today',
        answers: { 200: findingsAnswer },
      },
    },
    async ({ params, caller }): Promise<Findings> => {
      const entry = await seenEntry(store.entries, params.id, caller)
      return enrolment.standing(entry, (list) => caller.sees(list))
    },
  )

  app.post<ById>(
    '/entries/:id/photos',
    {
      config: {
        needs: 'entries.enrol',
        form: {
          fields: checkFields.omit({ list: true, into: true }).extend(sightingFields),
          photos: 'several',
        },
      },
      schema: {
        summary: 'More photographs of somebody',
        answers: { 201: addedAnswer, 202: addedAnswer },
      },
    },
    async (request, reply): Promise<AddedTo> => {
      await throttle.take(request.operator)
      const { id, list } = await seenEntry(store.entries, request.params.id, request.caller)
      const form = await readForm(request)
      await addSighting(form, request.caller, store.alerts)
      const { asked } = askedOf(parse(checkFields, { ...form.text, list }), form, request)
      const wanted = { ...asked, into: id }
      const wish = { key: keyOf(request), digest: digestOf(wanted) }
      const added = await enrolments.addPhotos(request.operator, wish, (also) =>
        register.addPhotos(id, wanted, request.hand, also),
      )
      reply.code(added.request === undefined ? 201 : 202)
      return added
    },
  )
}
