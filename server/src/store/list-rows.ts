import { Refusal } from '@vedette/shared/errors'
import type { Insertable, Selectable } from 'kysely'
import type { List, ListPolicy } from '../lists/list.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

/** The list `id` as `tx` sees it. Throws Refusal `list.not-found`. */
export async function listOf(tx: Database, id: string): Promise<List> {
  const row = await tx.selectFrom('lists').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw listNotFound(id)
  return toList(row)
}

export function toList(row: Selectable<Schema['lists']>): List {
  return {
    ...row,
    kind: row.kind as List['kind'],
    approvals: row.approvals as List['approvals'],
    cameras: parsed(row.cameras),
    hours: parsed(row.hours),
    viewers: parsed(row.viewers),
    demands: JSON.parse(row.demands) as List['demands'],
    confirmations: row.confirmations as List['confirmations'],
    sound: row.sound as List['sound'],
    quiet: parsed(row.quiet),
    boardNames: row.boardNames !== 0,
    keepPictures: row.keepPictures !== 0,
  }
}

export function policyColumns(
  policy: ListPolicy,
): Omit<Insertable<Schema['lists']>, 'id' | 'createdAt'> {
  const { cameras, hours, viewers, demands, keepPictures, quiet, boardNames, ...plain } = policy
  return {
    ...plain,
    cameras: json(cameras),
    hours: json(hours),
    viewers: json(viewers),
    demands: JSON.stringify(demands),
    keepPictures: keepPictures ? 1 : 0,
    quiet: json(quiet),
    boardNames: boardNames ? 1 : 0,
  }
}

export function listNotFound(id: string): Refusal {
  return new Refusal('list.not-found', `no list ${id}`, {
    hint: 'see: vedette lists list',
    params: { list: id },
  })
}

function parsed<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T)
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value)
}
