import { z } from 'zod'
import { AHEAD_MS } from '../../entries/expiry.ts'
import { isMeant } from '../../entries/search.ts'
import type { EntryHealth } from '../../health/health.ts'
import type { Entry } from '../../store/entries.ts'
import type { EntryCount } from '../../store/entry-counts.ts'
import { entryNotFound } from '../../store/entry-rows.ts'
import {
  entryAnswer,
  entryCountAnswer,
  entryHealthAnswer,
  erasedAnswer,
} from '../answers/entries.ts'
import type { DeskParts } from '../parts.ts'
import { seenEntry } from '../seen.ts'
import { byId, type DeskApp } from '../taking.ts'

/** Entries in one answer. */
const MOST_LISTED = 500

const filter = z.object({
  text: z.string().max(200).default(''),
  list: z.string().optional(),
  state: z.enum(['pending', 'live', 'refused', 'expired']).optional(),
  by: z.string().optional(),
  /** Milliseconds from now. */
  expiresWithin: z.coerce.number().int().min(0).optional(),
  /** The next behind that entry. */
  after: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(MOST_LISTED).default(MOST_LISTED),
})

const tightening = z.object({ factor: z.number() })

type ById = { Params: { id: string } }
/** 1 is the first. */
const byPosition = byId.extend({ position: z.string() })

/** People on the list: list, show, judge, tighten, remove. */
export async function entryRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, keeping, register, enrolment, strictness, health, clock } = options

  app.get(
    '/entries',
    {
      config: { needs: 'entries.view', act: 'entries.listed' },
      schema: {
        summary: 'People on the lists',
        answers: { 200: z.array(entryAnswer) },
        querystring: filter,
      },
    },
    async ({ query, caller }): Promise<Entry[]> => {
      const { text, expiresWithin, ...rest } = query
      const until = expiresWithin === undefined ? undefined : clock.now() + expiresWithin
      // Whose time is over already is none of those whose time will be.
      const live = until === undefined ? {} : { state: 'live' as const }
      const meant = text.trim() === '' ? () => true : isMeant(text)
      const is = (entry: Entry) => caller.sees(entry.list) && meant(entry)
      return store.entries.all({ ...live, ...rest, until, is })
    },
  )

  /** How many there are, by list and state; `expiring` are those with a week to go, or none. */
  app.get(
    '/entries/counts',
    {
      config: { needs: 'entries.view' },
      schema: {
        summary: 'How many there are, by list and state',
        answers: { 200: z.array(entryCountAnswer) },
      },
    },
    async ({ caller }): Promise<EntryCount[]> => {
      const counts = await store.entries.counts(clock.now() + AHEAD_MS)
      return counts.filter(({ list }) => caller.sees(list))
    },
  )

  app.get(
    '/entries/health',
    {
      config: { needs: 'entries.view', act: 'entries.listed' },
      schema: {
        summary: 'Which entries cause trouble, the worst first',
        answers: { 200: z.array(entryHealthAnswer) },
      },
    },
    async ({ caller }) => {
      const seen = (await health()).filter(({ list }) => caller.sees(list))
      const known = new Set(seen.map(({ entryId }) => entryId))
      return seen.map((one): EntryHealth => {
        const { lookAlike: other, advice } = one
        if (other === null || known.has(other.entryId)) return one
        const told = advice.filter(({ command }) => !command.includes(other.entryId))
        return { ...one, lookAlike: null, advice: told }
      })
    },
  )

  app.get<ById>(
    '/entries/:id',
    {
      config: { needs: 'entries.view', act: 'entry.viewed' },
      schema: { summary: 'One entry', answers: { 200: entryAnswer } },
    },
    ({ params, caller }) => seenEntry(store.entries, params.id, caller),
  )

  app.get(
    '/entries/:id/photos/:position',
    {
      config: { needs: 'entries.view', act: 'entry.photo-viewed' },
      schema: {
        summary: 'One photograph of it',
        answers: { 200: 'image/jpeg', 304: null },
        params: byPosition,
      },
    },
    async ({ params, caller, recorded, headers }, reply) => {
      await seenEntry(store.entries, params.id, caller)
      const position = Number(params.position) - 1
      const tag = `"${await store.entries.photoId(params.id, position)}"`
      recorded.details = { photo: Number(params.position) }
      // Asked for each time it is shown, so that each time is recorded and what is erased is gone.
      reply.header('cache-control', 'private, no-cache').header('etag', tag)
      if (headers['if-none-match'] === tag) return reply.code(304).send()
      return reply.type('image/jpeg').send(await store.entries.photo(params.id, position))
    },
  )

  app.post(
    '/entries/:id/strictness',
    {
      config: { needs: 'entries.change' },
      schema: {
        summary: 'Ask more, or less, of a match with it',
        answers: { 200: entryAnswer },
        params: byId,
        body: tightening,
      },
    },
    async ({ params, caller, body, hand }) => {
      await seenEntry(store.entries, params.id, caller)
      const { factor } = body
      const entry = await strictness.set(params.id, factor, hand, clock.now())
      register.changed(entry)
      return entry
    },
  )

  app.delete(
    '/entries/:id/photos/:position',
    {
      config: { needs: 'entries.change' },
      schema: {
        summary: 'Remove one photograph',
        answers: { 200: entryAnswer },
        params: byPosition,
      },
    },
    async ({ params, caller, hand }) => {
      await seenEntry(store.entries, params.id, caller)
      const entry = await enrolment.removePhoto(params.id, Number(params.position), hand)
      register.changed(entry)
      return entry
    },
  )

  app.delete<ById>(
    '/entries/:id',
    {
      config: { needs: 'entries.erase', grave: true },
      schema: { summary: 'Erase it, with its key', answers: { 200: erasedAnswer } },
    },
    async (request) => {
      const { id } = request.params
      const list = await store.erasures.listOf(id)
      if (!request.caller.sees(list)) throw entryNotFound(id)
      try {
        return await keeping.eraser.erase(id, request.hand)
      } finally {
        // Also where its last bytes are yet to go: it is on no list any more.
        register.erased({ id, list })
      }
    },
  )
}
