import { z } from 'zod'
import type { List } from '../../lists/list.ts'
import { policyChange } from '../../lists/policy.ts'
import type { Caller } from '../../operators/caller.ts'
import { listNotFound } from '../../store/list-rows.ts'
import type { ListChanged } from '../../store/lists.ts'
import type { CountedList } from '../answered/lists.ts'
import { listAnswer, listChangedAnswer, newListAnswer } from '../answers/lists.ts'
import type { DeskParts } from '../parts.ts'
import { byId, type DeskApp } from '../taking.ts'

const newList = policyChange.extend({ id: z.string().max(63) })

type ById = { Params: { id: string } }

export type { ListChanged } from '../../store/lists.ts'

/** Lists: show, add, change, remove. Who is on them, only those see whom a list admits. */
export async function listRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { lists, store } = options

  const counted = async (found: readonly List[]): Promise<CountedList[]> => {
    const sizes = await store.thresholds.listSizes()
    return found.map((list) => ({ ...list, live: sizes.get(list.id) ?? 0 }))
  }

  app.get(
    '/lists',
    {
      config: { needs: 'lists.view' },
      schema: { summary: 'Lists', answers: { 200: z.array(listAnswer) } },
    },
    ({ caller }) => counted(lists.all.filter(({ id }) => reaches(caller, id))),
  )

  app.get<ById>(
    '/lists/:id',
    {
      config: { needs: 'lists.view' },
      schema: { summary: 'One list', answers: { 200: listAnswer } },
    },
    async ({ params, caller }) => {
      const [list] = await counted([await store.lists.get(reached(caller, params.id))])
      return list
    },
  )

  app.post(
    '/lists',
    {
      config: { needs: 'lists.manage' },
      schema: { summary: 'Add a list', answers: { 201: newListAnswer }, body: newList },
    },
    async (request, reply) => {
      const { id, ...policy } = request.body
      const list = await lists.add(reached(request.caller, id), policy, request.hand)
      return reply.code(201).send(list)
    },
  )

  app.patch(
    '/lists/:id',
    {
      config: { needs: 'lists.manage' },
      schema: {
        summary: 'Change what holds for a list',
        answers: { 200: listChangedAnswer, 202: listChangedAnswer },
        params: byId,
        body: policyChange,
      },
    },
    async (request, reply): Promise<ListChanged> => {
      const { id } = request.params
      const made = await lists.change(reached(request.caller, id), request.body, request.hand)
      return reply.code(made.request === undefined ? 200 : 202).send(made)
    },
  )

  app.delete<ById>(
    '/lists/:id',
    {
      config: { needs: 'lists.manage' },
      schema: { summary: 'Remove a list that is empty', answers: { 204: null } },
    },
    async (request, reply) => {
      await lists.remove(reached(request.caller, request.params.id), request.hand)
      return reply.code(204).send()
    },
  )
}

/** What holds for a list is no secret before whoever manages lists, whom it admits or not. */
function reaches({ scope }: Caller, id: string): boolean {
  return scope.lists === null || scope.lists.includes(id)
}

function reached(caller: Caller, id: string): string {
  if (reaches(caller, id)) return id
  throw listNotFound(id)
}
