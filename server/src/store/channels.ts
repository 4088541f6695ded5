import { Refusal } from '@vedette/shared/errors'
import type { Selectable } from 'kysely'
import type { JsonObject } from '../audit/act.ts'
import type { ActKind } from '../audit/kinds.ts'
import type { Channel, ChannelKind } from '../channels/channel.ts'
import { appendAct } from './audit.ts'
import { channelKey } from './channel-key.ts'
import { type Database, guarded } from './database.ts'
import type { Doing } from './lists.ts'
import type { Schema } from './schema.ts'
import type { EntryKey, Vault } from './vault.ts'

type Row = Selectable<Schema['channels']>
type Said = Pick<Channel, 'name' | 'rules' | 'settings'>

/** Each has a connection and a loop of its own. */
export const MOST_CHANNELS = 50

/** The ways out of the house; what they are told of the other end is sealed. */
export class ChannelStore {
  readonly #db: Database
  readonly #vault: Vault

  constructor(db: Database, vault: Vault) {
    this.#db = db
    this.#vault = vault
  }

  /** Oldest first. */
  all(): Promise<Channel[]> {
    return guarded(async () => {
      const rows = await this.#db.selectFrom('channels').selectAll().orderBy('createdAt').execute()
      if (rows.length === 0) return []
      const key = await channelKey(this.#db, this.#vault)
      return rows.map((row) => channelOf(row, key))
    })
  }

  /** Throws Refusal `channel.not-found`. */
  get(id: string): Promise<Channel> {
    return guarded(() => this.#get(this.#db, id))
  }

  /** What is told begins with what happens from then on. Throws Refusal `channel.too-many`. */
  add(channel: Channel, doing: Doing): Promise<void> {
    return this.#write(async (tx) => {
      const { among } = await tx
        .selectFrom('channels')
        .select((eb) => eb.fn.countAll<number>().as('among'))
        .executeTakeFirstOrThrow()
      if (among >= MOST_CHANNELS) {
        throw new Refusal('channel.too-many', `there are ${among} channels already`, {
          hint: 'remove one that nobody needs: vedette channels list',
          params: { channels: among },
        })
      }
      await planFromNow(tx)
      const { id, kind, on, createdAt, createdBy, version } = channel
      const about = sealed(await channelKey(tx, this.#vault), channel)
      await tx
        .insertInto('channels')
        .values({ id, kind, on: Number(on), about, createdAt, createdBy, version })
        .execute()
      await this.#record(tx, 'channel.added', channel, doing, rulesTold(channel))
    })
  }

  /** Throws Refusal `channel.not-found`, and what `change` throws. */
  change(
    id: string,
    change: (channel: Channel) => Channel,
    doing: Doing,
  ): Promise<{ before: Channel; after: Channel }> {
    return this.#write(async (tx) => {
      const before = await this.#get(tx, id)
      const after = { ...change(before), version: before.version + 1 }
      const about = sealed(await channelKey(tx, this.#vault), after)
      const { on, version } = after
      if (on && !before.on) await planFromNow(tx)
      await tx
        .updateTable('channels')
        .set({ on: Number(on), about, version })
        .where('id', '=', id)
        .execute()
      const changed = (['name', 'on', 'rules', 'settings'] as const).filter(
        (part) => JSON.stringify(before[part]) !== JSON.stringify(after[part]),
      )
      await this.#record(tx, 'channel.changed', after, doing, { changed, ...rulesTold(after) })
      return { before, after }
    })
  }

  /** What it was to tell goes with it. Throws Refusal `channel.not-found`. */
  remove(id: string, doing: Doing): Promise<void> {
    return this.#write(async (tx) => {
      const channel = await this.#get(tx, id)
      await tx.deleteFrom('channels').where('id', '=', id).execute()
      await this.#record(tx, 'channel.removed', channel, doing, {})
    })
  }

  async #get(db: Database, id: string): Promise<Channel> {
    const row = await db.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirst()
    if (row === undefined) throw channelNotFound(id)
    return channelOf(row, await channelKey(db, this.#vault))
  }

  #record(
    tx: Database,
    kind: ActKind,
    { id, kind: by }: Channel,
    { hand, at }: Doing,
    details: JsonObject,
  ): Promise<void> {
    return appendAct(tx, {
      kind,
      ...{ hand, at },
      about: { channel: id },
      details: { by, ...details },
    })
  }

  #write<T>(work: (tx: Database) => Promise<T>): Promise<T> {
    return guarded(() => this.#db.transaction().execute(work))
  }
}

export function channelNotFound(id: string): Refusal {
  return new Refusal('channel.not-found', `no channel ${id}`, {
    hint: 'see: vedette channels list',
  })
}

/** Where nobody else is being told, whoever is told from now on is not told of what was before. */
async function planFromNow(tx: Database): Promise<void> {
  const other = await tx.selectFrom('channels').select('id').where('on', '=', 1).executeTakeFirst()
  if (other !== undefined) return
  const row = await tx
    .selectFrom('alertEvents')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .executeTakeFirst()
  const seq = row?.seq ?? 0
  await tx
    .insertInto('noticesPlanned')
    .values({ id: 1, seq })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ seq }))
    .execute()
}

/** Whether persons leave the house this way is on record. */
function rulesTold({ on, rules: { names, picture } }: Channel): JsonObject {
  return { on, names, picture }
}

function channelOf(row: Row, key: EntryKey): Channel {
  const { id, createdAt, createdBy, version } = row
  const said = JSON.parse(key.open(placeOf(id), row.about).toString()) as Said
  const kind = row.kind as ChannelKind
  return { id, on: row.on === 1, createdAt, createdBy, version, kind, ...said } as Channel
}

function sealed(key: EntryKey, { id, name, rules, settings }: Channel): Uint8Array {
  return key.seal(placeOf(id), Buffer.from(JSON.stringify({ name, rules, settings })))
}

const placeOf = (id: string) => ({ table: 'channels', row: id, column: 'about' })
