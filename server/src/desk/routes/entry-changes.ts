import { Refusal } from '@vedette/shared/errors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Changed } from '../../entries/register.ts'
import type { EntryChange } from '../../store/changes/changes.ts'
import type { Entry } from '../../store/entries.ts'
import { listNotFound } from '../../store/list-rows.ts'
import { changedAnswer, entryAnswer } from '../answers/entries.ts'
import type { DeskParts } from '../parts.ts'
import { seenEntry } from '../seen.ts'
import { byId, type DeskApp } from '../taking.ts'

const text = z.string().trim().max(2000)
const name = z.string().trim().min(1).max(200)
const details = z
  .strictObject({
    name,
    aliases: z.array(name).max(50),
    reason: text,
    legalBasis: text,
    authority: text,
    caseNumber: text,
    note: text,
  })
  .partial()
/** Epoch milliseconds; without it, as is usual for the list. */
const extension = z.strictObject({ expiresAt: z.number().int().optional() })
const move = z.strictObject({ list: z.string() })
const merge = z.strictObject({ from: z.string() })
const split = z.strictObject({ photos: z.array(z.number().int().min(1)).min(1).max(40), name })

const changing = { config: { needs: 'entries.change' } } as const

type ById = { Params: { id: string } }

/** What becomes of an entry: said otherwise, extended, moved, merged, split. */
export async function entryChangeRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, lists, register, clock } = options

  const change = async (
    { params, caller, hand }: Pick<FastifyRequest<ById>, 'params' | 'caller' | 'hand'>,
    reply: FastifyReply,
    wanted: EntryChange,
  ): Promise<Changed> => {
    await seenEntry(store.entries, params.id, caller)
    const made = await register.change(params.id, wanted, hand)
    reply.code(made.request === undefined ? 200 : 202)
    return made
  }

  app.patch(
    '/entries/:id',
    {
      ...changing,
      schema: {
        summary: 'Say it otherwise',
        answers: { 200: entryAnswer },
        params: byId,
        body: details,
      },
    },
    async ({ params, caller, body, hand }): Promise<Entry> => {
      await seenEntry(store.entries, params.id, caller)
      const given = Object.fromEntries(
        Object.entries(body).filter(([, value]) => value !== undefined),
      )
      if (Object.keys(given).length === 0) {
        throw new Refusal('request.invalid', 'nothing is said', {
          hint: 'see: vedette entries edit --help',
        })
      }
      return register.edit(params.id, given, hand)
    },
  )

  app.post(
    '/entries/:id/extend',
    {
      ...changing,
      schema: {
        summary: 'Keep it longer',
        answers: { 200: changedAnswer, 202: changedAnswer },
        params: byId,
        body: extension,
      },
    },
    async (request, reply) => {
      const { expiresAt } = request.body
      const { list } = await seenEntry(store.entries, request.params.id, request.caller)
      const until = expiresAt ?? clock.now() + (await store.lists.get(list)).usualLife
      return change(request, reply, { kind: 'entry.extend', expiresAt: until })
    },
  )

  app.post(
    '/entries/:id/move',
    {
      ...changing,
      schema: {
        summary: 'Put it on another list',
        answers: { 200: changedAnswer, 202: changedAnswer },
        params: byId,
        body: move,
      },
    },
    async (request, reply) => {
      const { list } = request.body
      if (!request.caller.sees(list) || lists.find(list) === undefined) throw listNotFound(list)
      return change(request, reply, { kind: 'entry.move', list })
    },
  )

  app.post<ById>(
    '/entries/:id/expire',
    { ...changing, schema: { summary: 'Its time is over', answers: { 200: entryAnswer } } },
    async ({ params, caller, hand }) => {
      await seenEntry(store.entries, params.id, caller)
      return register.end(params.id, hand)
    },
  )

  app.post(
    '/entries/:id/merge',
    {
      ...changing,
      schema: {
        summary: 'It is the same person as another',
        answers: { 200: changedAnswer, 202: changedAnswer },
        params: byId,
        body: merge,
      },
    },
    async (request, reply) => {
      const { from } = request.body
      await seenEntry(store.entries, from, request.caller)
      return change(request, reply, { kind: 'entry.merge', from })
    },
  )

  app.post(
    '/entries/:id/split',
    {
      ...changing,
      schema: {
        summary: 'Some of its photographs are of somebody else',
        answers: { 200: changedAnswer, 202: changedAnswer },
        params: byId,
        body: split,
      },
    },
    async (request, reply) => change(request, reply, { kind: 'entry.split', ...request.body }),
  )
}
