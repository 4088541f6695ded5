import type { Database } from './database.ts'
import type { EntryKey, Vault } from './vault.ts'

/** What the key of all channels is called among the vault's secrets. */
const NAME = 'channels'

/** The key that what opens other people's doors is sealed with; made when it is first needed. */
export async function channelKey(db: Database, vault: Vault): Promise<EntryKey> {
  const find = () =>
    db.selectFrom('vaultSecrets').selectAll().where('name', '=', NAME).executeTakeFirst()
  const known = await find()
  if (known !== undefined) return vault.unwrap(NAME, known.wrappedKey)
  const { wrapped } = vault.newKey(NAME)
  await db
    .insertInto('vaultSecrets')
    .values({ name: NAME, wrappedKey: wrapped })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return vault.unwrap(NAME, (await find())!.wrappedKey)
}
