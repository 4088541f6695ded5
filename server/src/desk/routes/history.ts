import { Readable } from 'node:stream'
import { Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import { csvHead, csvLines } from '../../history/csv.ts'
import { FATES } from '../../report/figures.ts'
import type { Entry, EntryStore } from '../../store/entries.ts'
import type { Cursor, HistoryFilter } from '../../store/history.ts'
import type { HistoryPage } from '../answered/history.ts'
import { historyAnswer } from '../answers/alerts.ts'
import { naming } from '../named.ts'
import type { DeskParts } from '../parts.ts'
import { withinOf } from '../scope.ts'
import type { DeskApp } from '../taking.ts'

/** Alerts read at a time for a table that is saved. */
const SLICE = 200
/** Longest period of which alerts are counted, milliseconds. */
const LONGEST = 400 * 86_400_000
/** Clocks of the world are whole quarters of an hour apart: local days are made of whole steps. */
const STEPS = [900_000, 3_600_000] as const

const instant = z.coerce.number().int().min(0).max(8.64e15)
const name = z.string().min(1).max(200)
const several = z.string().transform((text) => text.split(',').filter((one) => one !== ''))
const yes = z.enum(['0', '1']).transform((text) => text === '1')
const cursor = z
  .string()
  .regex(/^\d{1,16}-.{1,64}$/)
  .transform((text): Cursor => {
    const dash = text.indexOf('-')
    return { at: Number(text.slice(0, dash)), id: text.slice(dash + 1) }
  })
const fields = {
  since: instant.optional(),
  until: instant.optional(),
  /** Several with commas between. */
  lists: several.pipe(z.array(name).min(1).max(100)).optional(),
  cameras: several.pipe(z.array(name).min(1).max(200)).optional(),
  fates: several.pipe(z.array(z.enum(FATES)).min(1)).optional(),
  entry: name.optional(),
  certainty: z.enum(['provisional', 'confirmed', 'withdrawn']).optional(),
  state: z.enum(['open', 'acknowledged', 'resolved']).optional(),
  late: yes.optional(),
  retrospective: yes.optional(),
}
const filter = z.strictObject(fields)
const page = z.strictObject({
  ...fields,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: cursor.optional(),
  /** Also how many there are by time, in steps of so many milliseconds. */
  step: z.coerce
    .number()
    .refine((step) => STEPS.some((one) => one === step), `a step is ${STEPS.join(' or ')}`)
    .optional(),
})

/** The past: alerts by when, where, who and what became of them, page by page or as a table. */
export async function historyRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, lists } = options
  const named = naming(store.entries, lists)
  const listed = { config: { needs: 'alerts.view', act: 'alerts.listed' } } as const
  const saved = {
    config: { needs: 'alerts.view', act: 'alerts.saved' },
  } as const

  app.get(
    '/history',
    {
      ...listed,
      schema: {
        summary: 'The past, page by page, the latest first',
        answers: { 200: historyAnswer },
        querystring: page,
      },
    },
    async ({ query, caller, recorded }): Promise<HistoryPage> => {
      const { limit, before, step, ...asked } = query
      recorded.details = saidOf(asked)
      const within = withinOf(caller, lists)
      const counting =
        step === undefined
          ? null
          : store.alerts.density({ ...asked, within, ...spanOf(asked) }, step)
      const [found, counts] = await Promise.all([
        store.alerts.history({ ...asked, within }, { limit, before }),
        counting,
      ])
      return {
        alerts: await Promise.all(found.alerts.map((alert) => named(alert, caller))),
        next: found.next === undefined ? null : `${found.next.at}-${found.next.id}`,
        density: counts && { step: step!, counts },
      }
    },
  )

  app.get(
    '/history.csv',
    {
      ...saved,
      schema: { summary: 'The past as a table', answers: { 200: 'text/csv' }, querystring: filter },
    },
    async ({ query: asked, caller, recorded }, reply) => {
      recorded.details = saidOf(asked)
      const within = withinOf(caller, lists)
      const known = naming(remembering(store.entries), lists)
      async function* table() {
        yield csvHead()
        let before: Cursor | undefined
        do {
          const found = await store.alerts.history({ ...asked, within }, { limit: SLICE, before })
          yield csvLines(await Promise.all(found.alerts.map((alert) => known(alert, caller))))
          await new Promise(setImmediate)
          before = found.next
        } while (before !== undefined)
      }
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="vedette-alerts.csv"')
        .send(Readable.from(table()))
    },
  )
}

/** Few people have many alerts: each is opened once for one table. */
function remembering(entries: Pick<EntryStore, 'get'>): Pick<EntryStore, 'get'> {
  const opened = new Map<string, Promise<Entry>>()
  return {
    get: (id) => {
      const entry = opened.get(id) ?? entries.get(id)
      opened.set(id, entry)
      return entry
    },
  }
}

/** What was asked for, as it is recorded. */
function saidOf(asked: HistoryFilter) {
  return JSON.parse(JSON.stringify(asked))
}

function spanOf({ since, until }: HistoryFilter): { since: number; until: number } {
  if (since !== undefined && until !== undefined && until > since && until - since <= LONGEST) {
    return { since, until }
  }
  throw new Refusal('request.invalid', 'alerts are counted from a time to a later one', {
    hint: 'give since and until, 400 days apart at most',
  })
}
