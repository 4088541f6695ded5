import { Refusal } from '@vedette/shared/errors'
import type { Selectable } from 'kysely'
import type { JsonObject } from '../audit/act.ts'
import type { EntryState } from '../entries/life.ts'
import type { Hand } from '../hand.ts'
import type { Schema } from './schema.ts'
import type { EntryKey } from './vault.ts'

/** What is said of a wanted person; '' where nothing is. */
export type EntryDetails = {
  name: string
  aliases: string[]
  /** Why this person is looked for. */
  reason: string
  /** The law, or the warrant, that allows it. */
  legalBasis: string
  /** Whose case it is. */
  authority: string
  caseNumber: string
  note: string
}

export type Entry = EntryDetails & {
  id: string
  list: string
  state: EntryState
  /** From then on it matches nothing, epoch milliseconds. */
  expiresAt: number
  photos: number
  createdAt: number
  createdBy: string
  /** How many times rarer than usual a false alert about it must be. */
  strictness: number
}

/** An entry that is not stored yet; without `expiresAt` it lasts as long as is usual for its list. */
export type NewEntry = EntryDetails & {
  list: string
  expiresAt?: number | undefined
  createdAt: number
  hand: Hand
  strictness?: number
  /** More that is recorded of how it came to be. */
  recorded?: JsonObject
}

export type EntryRow = Selectable<Schema['entries']> & { photos: number | null }

/** Nothing said but the name. */
export const NOTHING_SAID: Omit<EntryDetails, 'name'> = {
  aliases: [],
  reason: '',
  legalBasis: '',
  authority: '',
  caseNumber: '',
  note: '',
}

export function detailsOf(entry: EntryDetails): EntryDetails {
  const { name, aliases, reason, legalBasis, authority, caseNumber, note } = entry
  return { name, aliases, reason, legalBasis, authority, caseNumber, note }
}

export function sealDetails(key: EntryKey, id: string, details: EntryDetails): Uint8Array {
  return key.seal(detailsPlace(id), Buffer.from(JSON.stringify(detailsOf(details))))
}

/** Throws IntegrityFault `vault.changed`. */
export function toEntry(key: EntryKey, row: EntryRow): Entry {
  const opened = key.open(detailsPlace(row.id), row.details).toString()
  const details = { ...NOTHING_SAID, ...(JSON.parse(opened) as EntryDetails) }
  const { id, listId: list, state, expiresAt, photos, createdAt, createdBy, strictness } = row
  const standing = { state: state as EntryState, expiresAt }
  return {
    ...{ id, list, ...detailsOf(details), ...standing },
    ...{ photos: photos ?? 0, createdAt, createdBy, strictness },
  }
}

export function entryNotFound(id: string): Refusal {
  return new Refusal('entry.not-found', `no entry ${id}`, { hint: 'see: vedette entries list' })
}

const detailsPlace = (id: string) => ({ table: 'entries', row: id, column: 'details' })
