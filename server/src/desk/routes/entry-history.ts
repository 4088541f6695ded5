import { z } from 'zod'
import type { EntryAct } from '../answered/entry-history.ts'
import { entryActAnswer } from '../answers/record.ts'
import type { DeskParts } from '../parts.ts'
import { seenEntry } from '../seen.ts'
import type { DeskApp } from '../taking.ts'

/** What changes an entry, or asks for that. Who looked at it is the auditor's to see. */
const CHANGING = [
  'entry.approved',
  'entry.edited',
  'entry.enrolled',
  'entry.expired',
  'entry.extended',
  'entry.merged',
  'entry.moved',
  'entry.photo-removed',
  'entry.photos-added',
  'entry.split',
  'entry.tightened',
  'request',
]
const MOST = 200

type ById = { Params: { id: string } }

/** How an entry came to be what it is, the latest first. */
export async function entryHistoryRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store } = options

  app.get<ById>(
    '/entries/:id/history',
    {
      config: { needs: 'entries.view', act: 'entry.viewed' },
      schema: {
        summary: 'How it came to be what it is, the latest first',
        answers: { 200: z.array(entryActAnswer) },
      },
    },
    async ({ params, caller }): Promise<EntryAct[]> => {
      const { id } = await seenEntry(store.entries, params.id, caller)
      const acts = await store.audit.search({
        kinds: CHANGING,
        subjects: [['entry', id]],
        limit: MOST,
      })
      return acts.map(({ seq, at, kind, by, why, details }) => ({
        ...{ seq, at, kind, by, why, details },
      }))
    },
  )
}
