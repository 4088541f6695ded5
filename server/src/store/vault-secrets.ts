import { newSealKey } from '@vedette/shared/seal'
import { type Database, guarded } from './database.ts'
import type { EntryKey, Vault } from './vault.ts'

/** Keys for what is sealed outside of wanted.db, wrapped by the vault's and kept there. */
export class VaultSecrets {
  readonly #db: Database
  readonly #vault: Vault

  constructor(db: Database, vault: Vault) {
    this.#db = db
    this.#vault = vault
  }

  /** The key called `name`, made when it is first asked for. Throws IntegrityFault `vault.*`. */
  async key(name: string): Promise<EntryKey> {
    const row = await this.#find(name)
    if (row !== undefined) return this.#vault.unwrap(name, row.wrappedKey)
    const wrappedKey = this.#vault.wrap(name, newSealKey())
    await guarded(() =>
      this.#db
        .insertInto('vaultSecrets')
        .values({ name, wrappedKey })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute(),
    )
    const kept = await this.#find(name)
    return this.#vault.unwrap(name, kept?.wrappedKey ?? wrappedKey)
  }

  #find(name: string): Promise<{ wrappedKey: Uint8Array } | undefined> {
    return guarded(() =>
      this.#db
        .selectFrom('vaultSecrets')
        .select('wrappedKey')
        .where('name', '=', name)
        .executeTakeFirst(),
    )
  }
}
