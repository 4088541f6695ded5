import type { Change, ChangeRequest } from '../../approvals/request.ts'
import { listOf } from '../list-rows.ts'
import { changeList, merged } from '../lists.ts'
import { addRequest } from '../request-rows.ts'
import { type Changing, type KeptEntry, keptEntry, keyOf } from './changing.ts'
import { dropPhotos } from './dropping.ts'
import { refuseEntry } from './expiring.ts'
import { checkMerge, mergeEntries } from './merging.ts'
import { checkMove, moveEntry } from './moving.ts'
import { checkSplit, splitEntry } from './splitting.ts'
import { approveEntry, approvePhotos, extendEntry, extension } from './standing.ts'

/** What people ask to be changed of an entry. */
export type EntryChange = Extract<
  Change,
  { kind: 'entry.extend' | 'entry.move' | 'entry.merge' | 'entry.split' }
>

/** The request that waits where a second person is needed, and the entries that match otherwise now. */
export type Made = { request: string | undefined; affected: string[] }

/**
 * Changes an entry, or, where its list or the one it would go to asks for a second person, lets that
 * wait. Throws Refusal `entry.*`, `list.*`, `request.too-many`.
 */
export async function propose(changing: Changing, id: string, change: EntryChange): Promise<Made> {
  const { tx, hand, at } = changing
  const entry = await keptEntry(tx, id)
  await check(changing, entry, change)
  const lists = [entry.listId, ...(change.kind === 'entry.move' ? [change.list] : [])]
  const policies = await Promise.all(lists.map((list) => listOf(tx, list)))
  const strict = policies.find(({ approvals }) => approvals === 2)
  if (strict === undefined)
    return { request: undefined, affected: await make(changing, id, change) }
  const asked = { change, list: entry.listId, entry: { id, key: keyOf(changing, entry) } }
  return { request: await addRequest(tx, { ...asked, hand, at }), affected: [] }
}

/** Makes the change that a second person has consented to; gives the entries that match otherwise. */
export async function carryOut(
  changing: Changing,
  { change, entry, list }: ChangeRequest,
): Promise<string[]> {
  if (change.kind === 'list.change') {
    const before = await listOf(changing.tx, list)
    await changeList(changing.tx, before, merged(before, change.policy), changing)
    return []
  }
  return make(changing, entry ?? '', change)
}

/** What a second person did not consent to leaves nothing behind. */
export async function letGo({ tx }: Changing, { change, entry }: ChangeRequest): Promise<void> {
  if (entry !== undefined && change.kind === 'entry.add') await refuseEntry(tx, entry)
  if (entry !== undefined && change.kind === 'entry.photos') await dropPhotos(tx, entry)
}

async function check(changing: Changing, entry: KeptEntry, change: EntryChange): Promise<void> {
  if (change.kind === 'entry.extend') await extension(changing, entry, change.expiresAt)
  else if (change.kind === 'entry.move') await checkMove(changing, entry, change.list)
  else if (change.kind === 'entry.merge') await checkMerge(changing, entry, change.from)
  else await checkSplit(changing, entry, change)
}

async function make(
  changing: Changing,
  id: string,
  change: Exclude<Change, { kind: 'list.change' }>,
): Promise<string[]> {
  const entry = await keptEntry(changing.tx, id)
  switch (change.kind) {
    case 'entry.add':
      await approveEntry(changing, entry)
      return [id]
    case 'entry.photos':
      await approvePhotos(changing, entry, change.photos)
      return [id]
    case 'entry.extend':
      await extendEntry(changing, entry, change.expiresAt)
      return [id]
    case 'entry.move':
      await moveEntry(changing, entry, change.list)
      return [id]
    case 'entry.merge':
      await mergeEntries(changing, entry, change.from)
      return [id, change.from]
    case 'entry.split':
      return [id, await splitEntry(changing, entry, change)]
    default:
      return change satisfies never
  }
}
