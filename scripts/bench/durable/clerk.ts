import { writeSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { Store } from '@vedette/server/store/store'
import { codeOf } from '@vedette/shared/errors'
import BetterSqlite3 from 'better-sqlite3'
import { type Deed, DOING, type Known } from './deeds.ts'

/** What a clerk is told, as JSON in its only argument. */
export type ClerkOrder = {
  home: string
  /** Folder of the databases. */
  data: string
  /** What is done for each person. */
  deeds: readonly Deed[]
  /** The first, and how many; without an end if left out. */
  from: number
  persons?: number
  /** What was acknowledged of the first person's deeds before. */
  known?: Known
  /** A deed that fails is tried again so often. */
  tries: number
  /** The control: commits do not wait for the disk. */
  careless?: boolean
}

/*
 * Does deeds in a store and says so on its standard output, one JSON object a line, each only when
 * it was acknowledged: what it has said must be there, whatever happens to it. It is killed, or
 * stopped for good, at any moment.
 */
const order = JSON.parse(process.argv[2] ?? '{}') as ClerkOrder
if (order.careless) beCareless()
const keyFile = join(order.home, 'vault.key')
const store = await Store.open({ file: join(order.data, 'wanted.db'), keyFile })
const say = (said: object) => writeSync(1, `${JSON.stringify(said)}\n`)
say({ ready: true })
for (let person = order.from; person < order.from + (order.persons ?? Infinity); person++) {
  const known: Known = { ...order.known }
  for (const deed of order.deeds) if (!known[deed]) await trying(deed, person, known)
}
say({ over: true })

async function trying(deed: Deed, person: number, known: Known): Promise<void> {
  for (let i = 0; i < order.tries; i++) {
    try {
      const id = await DOING[deed]({ store, home: order.home }, person, known)
      known[deed] = id
      say({ deed, person, id })
      return
    } catch (error) {
      say({ failed: deed, person, code: codeOf(error) })
    }
  }
}

/** As if the store set what a plain opening leaves: only here, and only to see it lose something. */
function beCareless(): void {
  const { pragma } = BetterSqlite3.prototype
  BetterSqlite3.prototype.pragma = function (source, options) {
    if (source === 'synchronous = FULL') return pragma.call(this, 'synchronous = NORMAL', options)
    if (source === 'synchronous') return 2
    return pragma.call(this, source, options)
  }
}
