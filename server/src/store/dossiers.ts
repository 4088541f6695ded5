import { type Dossier, parseDossier } from '../evidence/dossier.ts'
import { type Database, guarded } from './database.ts'
import type { EntryKey } from './vault.ts'

/** Keeps what an alert was raised by and against; it is never changed. */
export async function addDossier(
  tx: Database,
  key: EntryKey,
  { id: alertId, entryId }: { id: string; entryId: string },
  dossier: Dossier,
): Promise<void> {
  const sealed = key.seal(dossierPlace(alertId), Buffer.from(JSON.stringify(dossier)))
  await tx.insertInto('dossiers').values({ alertId, entryId, dossier: sealed }).execute()
}

export async function dossierOf(
  db: Database,
  key: EntryKey,
  alertId: string,
): Promise<Dossier | undefined> {
  const row = await guarded(() =>
    db.selectFrom('dossiers').select('dossier').where('alertId', '=', alertId).executeTakeFirst(),
  )
  return row && parseDossier(key.open(dossierPlace(alertId), row.dossier))
}

const dossierPlace = (id: string) => ({ table: 'dossiers', row: id, column: 'dossier' })
