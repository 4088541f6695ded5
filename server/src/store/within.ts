import { type RawBuilder, type SqlBool, sql } from 'kysely'

/** Lists and cameras that a question is confined to; null is all of them. */
export type Within = {
  lists: readonly string[] | null
  /** AGENT/CAMERA, or AGENT/* for every camera of an agent. */
  cameras: readonly string[] | null
}

export const EVERYWHERE: Within = { lists: null, cameras: null }

export function confines({ lists, cameras }: Within): boolean {
  return lists !== null || cameras !== null
}

/** For a table with the columns `listId`, `agent` and `camera`. */
export function isWithin({ lists, cameras }: Within): RawBuilder<SqlBool> {
  return sql<SqlBool>`(${listWithin(lists)} AND ${cameraWithin(cameras)})`
}

/** For a table with the columns `agent` and `camera`. */
export function cameraWithin(cameras: Within['cameras']): RawBuilder<SqlBool> {
  if (cameras === null) return sql<SqlBool>`1`
  const each = cameras.map((one) => {
    const [agent, camera] = one.split('/')
    return camera === '*' ? sql`agent = ${agent}` : sql`(agent = ${agent} AND camera = ${camera})`
  })
  return sql<SqlBool>`(${each.length === 0 ? sql`0` : sql.join(each, sql` OR `)})`
}

function listWithin(lists: Within['lists']): RawBuilder<SqlBool> {
  if (lists === null) return sql<SqlBool>`1`
  return lists.length === 0 ? sql<SqlBool>`0` : sql<SqlBool>`"listId" IN (${sql.join(lists)})`
}
