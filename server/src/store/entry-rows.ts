import { Refusal } from '@vedette/shared/errors'
import type { Selectable } from 'kysely'
import type { Schema } from './schema.ts'
import type { EntryKey } from './vault.ts'

/** What is said of a wanted person. */
export type EntryDetails = { name: string; note: string }

export type Entry = EntryDetails & {
  id: string
  list: string
  photos: number
  createdAt: number
  createdBy: string
  /** How many times rarer than usual a false alert about it must be. */
  strictness: number
}

export type NewEntry = EntryDetails & { list: string; createdAt: number; createdBy: string }

export type EntryRow = Selectable<Schema['entries']> & { photos: number | null }

export function sealDetails(key: EntryKey, id: string, { name, note }: EntryDetails): Uint8Array {
  return key.seal(detailsPlace(id), Buffer.from(JSON.stringify({ name, note })))
}

/** Throws IntegrityFault `vault.changed`. */
export function toEntry(key: EntryKey, row: EntryRow): Entry {
  const opened = key.open(detailsPlace(row.id), row.details).toString()
  const { name, note } = JSON.parse(opened) as EntryDetails
  const { id, listId: list, photos, createdAt, createdBy, strictness } = row
  return { id, list, name, note, photos: photos ?? 0, createdAt, createdBy, strictness }
}

export function entryNotFound(id: string): Refusal {
  return new Refusal('entry.not-found', `no entry ${id}`, { hint: 'see: vedette entries list' })
}

const detailsPlace = (id: string) => ({ table: 'entries', row: id, column: 'details' })
