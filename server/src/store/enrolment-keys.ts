import { createHash, timingSafeEqual } from 'node:crypto'
import type { EnrolAnswer } from '../gallery/enrolment-answer.ts'
import { type Database, guarded } from './database.ts'
import type { EntryStore } from './entries.ts'
import type { EntryKey } from './vault.ts'

/** What a key stood for when it was first used. */
type Kept = { digest: string; answer: EnrolAnswer }

/**
 * Answers to enrolments that came with a key, so that whoever asks again is answered the same and
 * nobody is enrolled twice. Sealed like the entry that came of them, and gone with it.
 */
export class EnrolmentKeyStore {
  readonly #db: Database
  readonly #entries: EntryStore

  constructor(db: Database, entries: EntryStore) {
    this.#db = db
    this.#entries = entries
  }

  /** What `operator` was answered for `key`. Throws IntegrityFault `vault.changed`. */
  async find(operator: string, key: string): Promise<Kept | undefined> {
    const id = idOf(operator, key)
    const row = await guarded(() =>
      this.#db.selectFrom('enrolmentKeys').selectAll().where('id', '=', id).executeTakeFirst(),
    )
    if (row === undefined) return undefined
    const entryKey = await this.#entries.key(row.entryId)
    return JSON.parse(entryKey.open(placeOf(id), row.kept).toString()) as Kept
  }

  /** Keeps it in the transaction that stores the entry. */
  async keep(
    tx: Database,
    entryKey: EntryKey,
    { operator, key, ...kept }: Kept & { operator: string; key: string },
  ): Promise<void> {
    const id = idOf(operator, key)
    const sealed = entryKey.seal(placeOf(id), Buffer.from(JSON.stringify(kept)))
    const entryId = kept.answer.entry!.id
    await tx.insertInto('enrolmentKeys').values({ id, entryId, kept: sealed }).execute()
  }
}

/** A digest of all that is asked for: the same request has the same. */
export function digestOf<P extends { bytes: Uint8Array }>({
  photos,
  ...said
}: { photos: readonly P[] } & object): string {
  const about = photos.map(({ bytes: _bytes, ...rest }) => rest)
  const hash = createHash('sha256').update(JSON.stringify([said, about]))
  for (const { bytes } of photos) hash.update(createHash('sha256').update(bytes).digest())
  return hash.digest('hex')
}

export function sameDigest(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other))
}

/** Keys are people's own words: what is stored cannot be read. */
function idOf(operator: string, key: string): string {
  return createHash('sha256').update(`${operator}\n${key}`).digest('hex')
}

const placeOf = (id: string) => ({ table: 'enrolmentKeys', row: id, column: 'kept' })
