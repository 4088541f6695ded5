import { join } from 'node:path'
import { Office } from '@vedette/certs/office'
import { BEGINNING, hashOf } from '@vedette/server/audit/row'
import { Store } from '@vedette/server/store/store'
import BetterSqlite3 from 'better-sqlite3'
import { type Done, nameOf, trackOf } from './deeds.ts'

/** What a deployment is found to be after its machine went down. */
export type Finding = {
  /** What SQLite says of the file, `ok` where it is whole. */
  whole: string
  /** Deeds that were acknowledged and are not there. */
  lost: Done[]
  /** Persons, alerts or acknowledgements that are there twice. */
  twice: string[]
  /** Acts whose chain does not hold. */
  broken: number
  entries: number
  alerts: number
  acts: number
}

/** Looks at the store in `data` as the next start of the server would, for all that was acknowledged. */
export async function inquest(home: string, data: string, done: readonly Done[]): Promise<Finding> {
  const file = join(data, 'wanted.db')
  await using store = await Store.open({ file, keyFile: join(home, 'vault.key') })
  const { whole, noted } = fileOf(file)
  const entries = new Map((await store.entries.all()).map(({ id, name }) => [id, name]))
  const alerts = new Map(
    (await store.alerts.list({ limit: 1_000_000 })).map((alert) => [alert.id, alert]),
  )
  const { acts, broken } = await recordOf(store)
  const ledger = done.some(({ deed }) => deed === 'revoke')
    ? (await Office.open(home)).ledger
    : null
  const revoked = new Set(
    (await ledger?.all())?.filter(({ revocation }) => revocation).map(({ serial }) => serial),
  )
  const there = async ({ deed, person, id }: Done): Promise<boolean> => {
    if (deed === 'enrol') return entries.get(id) === nameOf(person) && (await opens(store, id))
    if (deed === 'raise') return alerts.get(id)?.track === trackOf(person)
    if (deed === 'acknowledge') return alerts.get(id)?.state === 'acknowledged'
    if (deed === 'note') return noted.has(id)
    return revoked.has(id)
  }
  const lost: Done[] = []
  for (const one of done) if (!(await there(one))) lost.push(one)
  const twice = [
    ...repeated([...entries.values()]),
    ...repeated([...alerts.values()].map(({ track }) => track)),
  ]
  return { whole, lost, twice, broken, entries: entries.size, alerts: alerts.size, acts }
}

/** What SQLite says of the file, and what was noted in the record. */
function fileOf(file: string): { whole: string; noted: ReadonlySet<string> } {
  const connection = new BetterSqlite3(file)
  try {
    const verdict = String(connection.pragma('integrity_check', { simple: true }))
    const dangling = connection.pragma('foreign_key_check') as unknown[]
    const whole = dangling.length === 0 ? verdict : `${dangling.length} rows hang in the air`
    const noted = connection
      .prepare<[], string>("SELECT id FROM actSubjects WHERE subject = 'incident'")
      .pluck()
      .all()
    return { whole, noted: new Set(noted) }
  } finally {
    connection.close()
  }
}

/** Its photograph can be opened: it is all there, and as it was sealed. */
async function opens(store: Store, id: string): Promise<boolean> {
  return store.entries.photo(id, 0).then(
    () => true,
    () => false,
  )
}

async function recordOf(store: Store) {
  let [acts, broken] = [0, 0]
  let hash: Uint8Array = BEGINNING
  for await (const rows of store.audit.rows()) {
    for (const row of rows) {
      const follows = row.seq === acts + 1 && Buffer.from(row.hash).equals(hashOf(hash, row))
      if (!follows) broken++
      acts++
      hash = row.hash
    }
  }
  return { acts, broken }
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, i) => names.indexOf(name) !== i)
}
