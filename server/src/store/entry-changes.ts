import { Refusal } from '@vedette/shared/errors'
import { checkDemands } from '../lists/entering.ts'
import { appendAct } from './audit.ts'
import { type AddedAlso, addPhotos } from './changes/adding.ts'
import { type EntryChange, type Made, propose } from './changes/changes.ts'
import { type Changing, keptEntry, keyOf } from './changes/changing.ts'
import { type Expired, endEntry, expireEntries, expireRequests } from './changes/expiring.ts'
import { type Database, guarded } from './database.ts'
import { type EntryDetails, sealDetails, toEntry } from './entry-rows.ts'
import { listOf } from './list-rows.ts'
import type { Doing } from './lists.ts'
import type { NewPhoto } from './photos.ts'
import type { Vault } from './vault.ts'

/** What becomes of entries after they were stored. */
export class EntryChangeStore {
  readonly #db: Database
  readonly #vault: Vault

  constructor(db: Database, vault: Vault) {
    this.#db = db
    this.#vault = vault
  }

  /** Throws Refusal `entry.*`, `list.*`, `request.too-many`. */
  propose(id: string, change: EntryChange, doing: Doing): Promise<Made> {
    return this.#write(doing, (changing) => propose(changing, id, change))
  }

  /** Throws Refusal `entry.not-found`, `entry.wrong-state`, `photo.too-many`, `request.too-many`. */
  addPhotos(
    id: string,
    photos: readonly NewPhoto[],
    doing: Doing,
    also?: AddedAlso,
  ): Promise<Made> {
    return this.#write(doing, (changing) => addPhotos(changing, id, photos, also))
  }

  /** Says something else of a person. Throws Refusal `entry.not-found`, `entry.incomplete`. */
  async edit(id: string, said: Partial<EntryDetails>, doing: Doing): Promise<void> {
    await this.#write(doing, async (changing) => {
      const { tx, hand, at } = changing
      const row = await keptEntry(tx, id)
      const key = keyOf(changing, row)
      const before = toEntry(key, { ...row, photos: 0 })
      const after = { ...before, ...said }
      if (after.name.trim() === '') throw new Refusal('entry.invalid', 'a name is not empty')
      checkDemands(await listOf(tx, row.listId), after)
      const details = sealDetails(key, id, after)
      await tx.updateTable('entries').set({ details }).where('id', '=', id).execute()
      const about = { entry: id, list: row.listId }
      const changed = Object.keys(said)
      await appendAct(tx, { kind: 'entry.edited', hand, at, about, details: { changed } })
    })
  }

  /** It matches nothing from here on. Throws Refusal `entry.not-found`, `entry.wrong-state`. */
  end(id: string, doing: Doing): Promise<void> {
    return this.#write(doing, (changing) => endEntry(changing, id))
  }

  /**
   * Ends what is over at `at`: entries, which it gives, and requests that nobody decided upon. Some at
   * a time; undefined when nothing was due.
   */
  async expire(at: number): Promise<Expired[] | undefined> {
    if (!(await this.#isDue(at))) return undefined
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const expired = await expireEntries(tx, at)
        await expireRequests(tx, at)
        return expired
      }),
    )
  }

  /** How many who are live expire until `until`, on these lists or on all. */
  async expiring(until: number, lists?: readonly string[]): Promise<number> {
    const { count } = await guarded(() =>
      this.#db
        .selectFrom('entries')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('state', '=', 'live')
        .where('expiresAt', '<=', until)
        .$if(lists !== undefined, (all) => all.where('listId', 'in', lists!))
        .executeTakeFirstOrThrow(),
    )
    return count
  }

  async #isDue(at: number): Promise<boolean> {
    const [entry, request] = await guarded(() =>
      Promise.all([
        this.#db
          .selectFrom('entries')
          .select('id')
          .where('state', '=', 'live')
          .where('expiresAt', '<=', at)
          .limit(1)
          .executeTakeFirst(),
        this.#db
          .selectFrom('requests')
          .select('id')
          .where('state', '=', 'pending')
          .where('expiresAt', '<=', at)
          .limit(1)
          .executeTakeFirst(),
      ]),
    )
    return entry !== undefined || request !== undefined
  }

  #write<T>(doing: Doing, work: (changing: Changing) => Promise<T>): Promise<T> {
    return guarded(() =>
      this.#db.transaction().execute((tx) => work({ tx, vault: this.#vault, ...doing })),
    )
  }
}
