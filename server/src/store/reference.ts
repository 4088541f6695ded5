import { createHash } from 'node:crypto'
import { type Database, guarded } from './database.ts'

/** Which faces can be matched: a number for each state that the lists were ever in. */
export type ReferenceState = { entries: number; templates: number; hash: string }

/** Templates read before anybody else has a turn. */
const SLICE = 2000

/** The live templates of `space` at a time: how many, of how many, and SHA-256 over their ids in order. */
export async function referenceState(
  db: Database,
  space: string,
  now: number,
): Promise<ReferenceState> {
  const digest = createHash('sha256')
  const entries = new Set<string>()
  let templates = 0
  for (let after = ''; ; ) {
    const rows = await guarded(() =>
      db
        .selectFrom('templates')
        // In this order: the other way round SQLite sorts the whole list for every slice.
        .crossJoin('entries')
        .whereRef('entries.id', '=', 'templates.entryId')
        .select(['templates.id', 'templates.entryId'])
        .where('templates.space', '=', space)
        .where('entries.state', '=', 'live')
        .where('entries.expiresAt', '>', now)
        .where('templates.id', '>', after)
        .orderBy('templates.id')
        .limit(SLICE)
        .execute(),
    )
    for (const { id, entryId } of rows) {
      digest.update(`${id}\n`)
      entries.add(entryId)
    }
    templates += rows.length
    const last = rows.at(-1)
    if (last === undefined || rows.length < SLICE) break
    after = last.id
    await new Promise(setImmediate)
  }
  return { entries: entries.size, templates, hash: digest.digest('hex') }
}
