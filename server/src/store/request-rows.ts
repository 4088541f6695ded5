import { Refusal } from '@vedette/shared/errors'
import type { Selectable } from 'kysely'
import { v7 as newId } from 'uuid'
import {
  type Change,
  type ChangeRequest,
  MOST_REQUESTS,
  REQUEST_LIFE_MS,
  type RequestState,
} from '../approvals/request.ts'
import type { Hand } from '../hand.ts'
import { appendAct } from './audit.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'
import type { EntryKey } from './vault.ts'

export type NewRequest = {
  change: Change
  list: string
  entry?: { id: string; key: EntryKey; expiresAt?: number } | undefined
  hand: Hand
  at: number
}

/**
 * Puts a change off until a second person consents, in the transaction that would else make it.
 * Throws Refusal `request.too-many`.
 */
export async function addRequest(
  tx: Database,
  { change, list, entry, hand, at }: NewRequest,
): Promise<string> {
  const { waiting } = await tx
    .selectFrom('requests')
    .select((eb) => eb.fn.countAll<number>().as('waiting'))
    .where('state', '=', 'pending')
    .where('expiresAt', '>', at)
    .executeTakeFirstOrThrow()
  if (waiting >= MOST_REQUESTS) {
    throw new Refusal('request.too-many', `${waiting} requests wait for a second person already`, {
      hint: 'have somebody decide upon them: vedette entries pending',
      params: { waiting },
    })
  }
  const id = newId()
  const said = Buffer.from(JSON.stringify({ change, why: hand.why }))
  await tx
    .insertInto('requests')
    .values({
      id,
      kind: change.kind,
      entryId: entry?.id ?? null,
      listId: list,
      change: entry === undefined ? said : entry.key.seal(changePlace(id), said),
      askedBy: hand.by,
      askedAt: at,
      expiresAt: Math.min(at + REQUEST_LIFE_MS, entry?.expiresAt ?? Number.POSITIVE_INFINITY),
      state: 'pending',
      decidedBy: null,
      decidedAt: null,
    })
    .execute()
  const about = { entry: entry?.id, list }
  const details = { request: id, change: change.kind }
  await appendAct(tx, { kind: 'request.made', hand, at, about, details })
  return id
}

/** Throws IntegrityFault `vault.changed`. */
export function toRequest(
  row: Selectable<Schema['requests']>,
  key: EntryKey | undefined,
): ChangeRequest {
  const { id, kind: _kind, entryId, listId: list, change: kept, state, ...rest } = row
  const opened = key === undefined ? Buffer.from(kept) : key.open(changePlace(id), kept)
  const { change, why } = JSON.parse(opened.toString()) as Pick<ChangeRequest, 'change' | 'why'>
  const entry = entryId ?? undefined
  return { id, change, entry, list, why, ...rest, state: state as RequestState }
}

const changePlace = (id: string) => ({ table: 'requests', row: id, column: 'change' })
