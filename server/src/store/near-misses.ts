import { type Database, guarded } from './database.ts'

/** Walks past one camera that came near an entry without being taken for it: scores, no faces. */
export type NearMisses = {
  entryId: string
  agent: string
  camera: string
  walks: number
  highest: number
  /** The photograph that the highest one was near to. */
  templateId: string
  lastAt: number
}

/** Counts of near misses. */
export class NearMissStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Adds what was counted since; what is about entries that are gone is dropped. */
  async add(counted: readonly NearMisses[]): Promise<void> {
    if (counted.length === 0) return
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        for (const row of counted) {
          const entry = tx.selectFrom('entries').select('id').where('id', '=', row.entryId)
          if ((await entry.executeTakeFirst()) === undefined) continue
          const { entryId, agent, camera } = row
          const known = await tx
            .selectFrom('nearMisses')
            .selectAll()
            .where('entryId', '=', entryId)
            .where('agent', '=', agent)
            .where('camera', '=', camera)
            .executeTakeFirst()
          const sum = known === undefined ? row : merge(known, row)
          await tx
            .insertInto('nearMisses')
            .values(sum)
            .onConflict((conflict) =>
              conflict.columns(['entryId', 'agent', 'camera']).doUpdateSet(sum),
            )
            .execute()
        }
      }),
    )
  }

  async all(): Promise<NearMisses[]> {
    return guarded(() => this.#db.selectFrom('nearMisses').selectAll().execute())
  }
}

/** Both counts in one. */
export function merge(one: NearMisses, other: NearMisses): NearMisses {
  const higher = one.highest >= other.highest ? one : other
  return {
    ...higher,
    walks: one.walks + other.walks,
    lastAt: Math.max(one.lastAt, other.lastAt),
  }
}
