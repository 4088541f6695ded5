import type { About, JsonObject, Subject } from '../audit/act.ts'
import type { Body } from '../audit/row.ts'
import { type Database, guarded } from './database.ts'

/** An act as it is shown. What retention has deleted is null. */
export type ActRecord = {
  seq: number
  /** Epoch milliseconds. */
  at: number
  kind: string
  /** SHA-256, hexadecimal. */
  hash: string
  by: string | null
  from: string | null
  why: string | null
  about: About | null
  details: JsonObject | null
}

export type ActFilter = {
  /** Kinds, or beginnings of kinds: `alert` is every `alert.…`. */
  kinds?: readonly string[] | undefined
  /** What an act must be about, and by whom: all of it. */
  subjects?: readonly [Subject | 'by', string][] | undefined
  since?: number | undefined
  until?: number | undefined
  /** Found in anything that is said of it, whatever the case. */
  text?: string | undefined
  /** Acts numbered lower. */
  before?: number | undefined
  /** Acts numbered higher, oldest first; else newest first. */
  after?: number | undefined
  limit: number
}

/** Acts looked at before anybody else has a turn. */
const SLICE = 500

/** Acts that a filter lets through. Looks at the record in slices: nobody waits for a long search. */
export async function findActs(db: Database, filter: ActFilter): Promise<ActRecord[]> {
  const found: ActRecord[] = []
  const text = filter.text?.toLowerCase()
  const forward = filter.after !== undefined
  for (let at = forward ? filter.after : filter.before; ; ) {
    const rows = await guarded(() => sliceOf(db, filter, at).execute())
    for (const row of rows) {
      const { seq, body, hash, ...rest } = row
      if (text !== undefined && !`${rest.kind} ${body}`.toLowerCase().includes(text)) continue
      found.push({ seq, ...rest, hash: Buffer.from(hash).toString('hex'), ...shown(body) })
      if (found.length === filter.limit) return found
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < SLICE) return found
    at = last.seq
    await new Promise(setImmediate)
  }
}

function sliceOf(db: Database, filter: ActFilter, at: number | undefined) {
  const { kinds = [], subjects = [], since, until, after } = filter
  const forward = after !== undefined
  return db
    .selectFrom('acts')
    .leftJoin('actBodies', 'actBodies.seq', 'acts.seq')
    .select(['acts.seq', 'acts.at', 'acts.kind', 'acts.hash', 'actBodies.body'])
    .$if(at !== undefined, (query) => query.where('acts.seq', forward ? '>' : '<', at!))
    .$if(since !== undefined, (query) => query.where('acts.at', '>=', since!))
    .$if(until !== undefined, (query) => query.where('acts.at', '<', until!))
    .$if(kinds.length > 0, (query) =>
      query.where((eb) =>
        eb.or(
          kinds.flatMap((kind) => [
            eb('acts.kind', '=', kind),
            eb.and([eb('acts.kind', '>', `${kind}.`), eb('acts.kind', '<', `${kind}/`)]),
          ]),
        ),
      ),
    )
    .$if(subjects.length > 0, (query) =>
      query.where((eb) =>
        eb.and(
          subjects.map(([subject, id]) =>
            eb(
              'acts.seq',
              'in',
              eb
                .selectFrom('actSubjects')
                .select('actSubjects.seq')
                .where('subject', '=', subject)
                .where('id', '=', id),
            ),
          ),
        ),
      ),
    )
    .orderBy('acts.seq', forward ? 'asc' : 'desc')
    .limit(SLICE)
}

function shown(body: string | null): Pick<ActRecord, 'by' | 'from' | 'why' | 'about' | 'details'> {
  if (body === null) return { by: null, from: null, why: null, about: null, details: null }
  const { by, from, why, about, details } = JSON.parse(body) as Body
  return { by, from, why, about, details }
}
