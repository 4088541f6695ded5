import { setImmediate as otherWork } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { merge } from '../near-misses.ts'
import type { EntryKey } from '../vault.ts'

/** Rows sealed anew before other work has its turn. */
const SLICE = 50

/** A column of what belongs to an entry that is sealed with its key. */
type Sealed = {
  table: string
  column: string
  /** Columns that name a row. */
  key: readonly string[]
  /** Which of the ids that go over name its rows. */
  by: keyof Belongings
  /** The column that has those ids. */
  named: string
  /** The row as its seal knows it. */
  row: (row: Row) => string
}
type Row = Record<string, string | number>

/** What goes over from one entry to another, by ids. */
export type Belongings = {
  photos: string[]
  templates: string[]
  alerts: string[]
  rejections: string[]
}

/** Every column that goes over and is sealed. */
export const SEALED: readonly Sealed[] = [
  ownColumn('photos', 'image'),
  ownColumn('photos', 'about'),
  ownColumn('templates', 'vector'),
  ownColumn('templates', 'far'),
  ownColumn('alerts', 'chip'),
  ownColumn('alerts', 'probe'),
  ...['chip', 'own', 'fused'].map(frameColumn),
  {
    table: 'dossiers',
    column: 'dossier',
    key: ['alertId'],
    by: 'alerts',
    named: 'alertId',
    row: ({ alertId }) => String(alertId),
  },
  {
    table: 'alertEvents',
    column: 'words',
    key: ['seq', 'alertId', 'kind', 'at'],
    by: 'alerts',
    named: 'alertId',
    row: ({ alertId, kind, at }) => `${alertId}/${kind}/${at}`,
  },
  ownColumn('rejections', 'vector'),
  {
    table: 'rejectionExamples',
    column: 'vector',
    key: ['rejectionId', 'space'],
    by: 'rejections',
    named: 'rejectionId',
    row: ({ rejectionId, space }) => `${rejectionId}/${space}`,
  },
]

function ownColumn(table: keyof Belongings, column: string): Sealed {
  return { table, column, key: ['id'], by: table, named: 'id', row: ({ id }) => String(id) }
}

function frameColumn(column: string): Sealed {
  return {
    table: 'evidence',
    column,
    key: ['alertId', 'track', 'shot'],
    by: 'alerts',
    named: 'alertId',
    row: ({ alertId, track, shot }) => `${alertId}/${track}/${shot}`,
  }
}

/** All that belongs to an entry, or what came of some of its photographs. */
export async function belongingsOf(
  tx: Database,
  entryId: string,
  some?: readonly string[],
): Promise<Belongings> {
  const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
  const photos = tx.selectFrom('photos').select('id').where('entryId', '=', entryId)
  const templates = tx.selectFrom('templates').select('id').where('entryId', '=', entryId)
  const alerts = tx.selectFrom('alerts').select('id').where('entryId', '=', entryId)
  const rejections = tx.selectFrom('rejections').select('id').where('entryId', '=', entryId)
  if (some === undefined) {
    return {
      photos: idsOf(await photos.orderBy('position').execute()),
      templates: idsOf(await templates.execute()),
      alerts: idsOf(await alerts.execute()),
      rejections: idsOf(await rejections.execute()),
    }
  }
  const own = idsOf(await templates.where('photoId', 'in', some).execute())
  const raised = own.length === 0 ? [] : await alerts.where('templateId', 'in', own).execute()
  const told =
    raised.length === 0 ? [] : await rejections.where('alertId', 'in', idsOf(raised)).execute()
  return { photos: [...some], templates: own, alerts: idsOf(raised), rejections: idsOf(told) }
}

export type Carrying = {
  from: { id: string; key: EntryKey }
  to: { id: string; key: EntryKey }
  /** Photographs that `to` has already. */
  after: number
}

/** `belongings` are the other entry's from here on, and sealed with its key. */
export async function carry(
  tx: Database,
  belongings: Belongings,
  { from, to, after }: Carrying,
): Promise<void> {
  for (const sealed of SEALED) await reseal(tx, sealed, belongings[sealed.by], from.key, to.key)
  const { photos, templates, alerts, rejections } = belongings
  for (const [i, id] of photos.entries()) {
    const row = { entryId: to.id, position: after + i }
    await tx.updateTable('photos').set(row).where('id', '=', id).execute()
  }
  for (const id of templates) {
    await tx.updateTable('templates').set({ entryId: to.id }).where('id', '=', id).execute()
  }
  for (const id of alerts) await carryAlert(tx, id, from.id, to.id)
  for (const id of rejections) {
    await tx.updateTable('rejections').set({ entryId: to.id }).where('id', '=', id).execute()
  }
  await carryNearMisses(tx, templates, from.id, to.id)
}

/** A walk is one alert of an entry: where both had one of the same walk, this one's takes a name apart. */
async function carryAlert(tx: Database, id: string, from: string, to: string): Promise<void> {
  const alert = tx.selectFrom('alerts').select(['agent', 'track']).where('id', '=', id)
  const { agent, track } = await alert.executeTakeFirstOrThrow()
  const other = await tx
    .selectFrom('alerts')
    .select('id')
    .where('entryId', '=', to)
    .where('agent', '=', agent)
    .where('track', '=', track)
    .executeTakeFirst()
  const row = { entryId: to, track: other === undefined ? track : `${track}+${from}` }
  await tx.updateTable('alerts').set(row).where('id', '=', id).execute()
  await tx.updateTable('dossiers').set({ entryId: to }).where('alertId', '=', id).execute()
}

async function carryNearMisses(
  tx: Database,
  templates: readonly string[],
  from: string,
  to: string,
): Promise<void> {
  const rows = await tx.selectFrom('nearMisses').selectAll().where('entryId', '=', from).execute()
  for (const { entryId: _, ...row } of rows) {
    if (!templates.includes(row.templateId)) continue
    const at = { agent: row.agent, camera: row.camera }
    const known = await tx
      .selectFrom('nearMisses')
      .selectAll()
      .where((eb) => eb.and({ entryId: to, ...at }))
      .executeTakeFirst()
    const sum =
      known === undefined ? { entryId: to, ...row } : merge(known, { entryId: to, ...row })
    await tx
      .insertInto('nearMisses')
      .values(sum)
      .onConflict((conflict) => conflict.columns(['entryId', 'agent', 'camera']).doUpdateSet(sum))
      .execute()
    await tx
      .deleteFrom('nearMisses')
      .where((eb) => eb.and({ entryId: from, ...at }))
      .execute()
  }
}

async function reseal(
  tx: Database,
  { table, column, key, named, row: rowOf }: Sealed,
  ids: readonly string[],
  before: EntryKey,
  after: EntryKey,
): Promise<void> {
  for (let i = 0; i < ids.length; i += SLICE) {
    const some = sql.join(ids.slice(i, i + SLICE))
    const { rows } = await sql<Row & { sealed: Uint8Array }>`
      SELECT ${sql.join(key.map((name) => sql.ref(name)))}, ${sql.ref(column)} AS sealed
      FROM ${sql.table(table)}
      WHERE ${sql.ref(named)} IN (${some}) AND ${sql.ref(column)} IS NOT NULL
    `.execute(tx)
    for (const { sealed, ...row } of rows) {
      const place = { table, row: rowOf(row), column }
      const again = after.seal(place, before.open(place, sealed))
      const is = key.map((name) => sql`${sql.ref(name)} = ${row[name]}`)
      await sql`
        UPDATE ${sql.table(table)} SET ${sql.ref(column)} = ${again}
        WHERE ${sql.join(is, sql` AND `)}
      `.execute(tx)
    }
    await otherWork()
  }
}
