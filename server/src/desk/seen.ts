import type { Caller } from '../operators/caller.ts'
import type { Entry, EntryStore } from '../store/entries.ts'
import { entryNotFound } from '../store/entry-rows.ts'

/** The entry where its list is there for whoever asks. Throws Refusal `entry.not-found`. */
export async function seenEntry(
  entries: Pick<EntryStore, 'get'>,
  id: string,
  caller: Caller,
): Promise<Entry> {
  const entry = await entries.get(id)
  if (caller.sees(entry.list)) return entry
  throw entryNotFound(id)
}
