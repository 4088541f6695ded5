import { Refusal } from '@vedette/shared/errors'
import { appendAct } from '../audit.ts'
import type { Database } from '../database.ts'
import { type Entry, type EntryDetails, sealDetails, toEntry } from '../entry-rows.ts'
import { belongingsOf, carry } from './carrying.ts'
import { type Changing, type KeptEntry, keptEntry, keyOf } from './changing.ts'

/** Photographs that one entry may have, at most. */
export const MOST_PHOTOS = 40
const STANDING: ReadonlySet<string> = new Set(['live', 'expired'])

/** Throws Refusal `entry.not-found`, `entry.unmergeable`. */
export async function checkMerge({ tx }: Changing, into: KeptEntry, fromId: string): Promise<void> {
  const from = await keptEntry(tx, fromId)
  if (from.id === into.id) throw unmergeable('an entry is not merged with itself', 'name another')
  if (from.listId !== into.listId) {
    const move = `vedette entries move ${from.id} --list ${into.listId}`
    throw unmergeable(`${from.id} is on list ${from.listId}`, `move it first: ${move}`)
  }
  if (!STANDING.has(from.state) || !STANDING.has(into.state)) {
    throw unmergeable('one of them waits for a second person, or was refused', 'approve it first')
  }
  if (await isWaitedFor(tx, from.id)) {
    throw unmergeable(
      `something of ${from.id} waits for a second person`,
      'decide upon it first: vedette entries pending',
    )
  }
  const photos = (await countOf(tx, from.id)) + (await countOf(tx, into.id))
  if (photos <= MOST_PHOTOS) return
  throw unmergeable(
    `together they have ${photos} photographs, at most ${MOST_PHOTOS}`,
    'remove some first: vedette entries remove-photo',
  )
}

/**
 * All that is known of `fromId` is of `into` from here on: photographs, alerts, what was told apart, its
 * names among the aliases. It has its list and expiry, and the stricter of both. Throws as `checkMerge`.
 */
export async function mergeEntries(
  changing: Changing,
  into: KeptEntry,
  fromId: string,
): Promise<void> {
  await checkMerge(changing, into, fromId)
  const { tx, hand, at } = changing
  const from = await keptEntry(tx, fromId)
  const [key, gone] = [keyOf(changing, into), keyOf(changing, from)]
  const belongings = await belongingsOf(tx, fromId)
  const after = await countOf(tx, into.id)
  const ends = { from: { id: fromId, key: gone }, to: { id: into.id, key } }
  await carry(tx, belongings, { ...ends, after })
  const told = toEntry(key, { ...into, photos: 0 })
  const details = together(told, toEntry(gone, { ...from, photos: 0 }))
  const strictness = Math.max(into.strictness, from.strictness)
  const changed = { details: sealDetails(key, into.id, details), strictness }
  await tx.updateTable('entries').set(changed).where('id', '=', into.id).execute()
  const rival = tx.updateTable('alerts').where('rivalId', '=', fromId)
  await rival.set({ rivalId: into.id }).execute()
  // Between the two of them it was undecided: now it is not.
  const same = tx.updateTable('alerts').where('entryId', '=', into.id)
  await same.where('rivalId', '=', into.id).set({ rivalId: null }).execute()
  await tx.deleteFrom('entries').where('id', '=', fromId).execute()
  const counts = { photos: belongings.photos.length, alerts: belongings.alerts.length }
  const act = { kind: 'entry.merged', hand, at } as const
  const list = into.listId
  const details1 = { from: fromId, ...counts }
  await appendAct(tx, { ...act, about: { entry: into.id, list }, details: details1 })
  await appendAct(tx, { ...act, about: { entry: fromId, list }, details: { into: into.id } })
}

/** What is said of both; the first has the say. */
function together(one: Entry, other: Entry): EntryDetails {
  const aliases = new Set([...one.aliases, other.name, ...other.aliases])
  aliases.delete(one.name)
  return {
    name: one.name,
    aliases: [...aliases],
    reason: one.reason || other.reason,
    legalBasis: one.legalBasis || other.legalBasis,
    authority: one.authority || other.authority,
    caseNumber: one.caseNumber || other.caseNumber,
    note: [one.note, other.note].filter((note) => note !== '').join('\n'),
  }
}

async function isWaitedFor(tx: Database, entryId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('requests')
    .select('id')
    .where('entryId', '=', entryId)
    .where('state', '=', 'pending')
    .executeTakeFirst()
  return row !== undefined
}

async function countOf(tx: Database, entryId: string): Promise<number> {
  const { count } = await tx
    .selectFrom('photos')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('entryId', '=', entryId)
    .executeTakeFirstOrThrow()
  return count
}

function unmergeable(why: string, hint: string): Refusal {
  return new Refusal('entry.unmergeable', why, { hint })
}
