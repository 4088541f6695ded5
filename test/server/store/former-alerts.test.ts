import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MIGRATIONS } from '@vedette/server/store/migrations'
import { Store } from '@vedette/server/store/store'
import { Vault } from '@vedette/server/store/vault'
import BetterSqlite3 from 'better-sqlite3'
import { expect, it } from 'vitest'
import { TemporaryFolder } from '../../support/certs-deployment.ts'

/** The last migration before alerts could be resolved. */
const FORMER = MIGRATIONS.findIndex((sql) => sql.includes('ADD COLUMN outcome'))

it('alerts of a former version are resolved where they were rejected, and call nobody', async () => {
  await using folder = await TemporaryFolder.make()
  const file = join(folder.path, 'data', 'wanted.db')
  await mkdir(join(folder.path, 'data'))
  const keyFile = join(folder.path, 'vault.key')
  await Vault.create(keyFile)
  const former = new BetterSqlite3(file)
  for (const sql of MIGRATIONS.slice(0, FORMER)) former.exec(sql)
  former.pragma(`user_version = ${FORMER}`)
  const alert = former.prepare(`
    INSERT INTO alerts (id, entryId, listId, agent, camera, track, state, capturedAt, receivedAt,
      raisedAt, score, threshold, runnerUp, templateId, quality, box, space, shots)
    VALUES (?, 'e1', 'wanted', 'g', 'c', ?, ?, 1, 2, 3, 0.96, 0.95, -2, 't', 0.8, '[0,0,1,1]', 's', 1)
  `)
  for (const state of ['open', 'acknowledged', 'rejected']) alert.run(state, state, state)
  const event = former.prepare(
    `INSERT INTO alertEvents (alertId, kind, at, "by") VALUES (?, ?, ?, ?)`,
  )
  event.run('rejected', 'raised', 3, null)
  event.run('rejected', 'rejected', 4, 'anna')
  event.run('rejected', 'restored', 5, 'bert')
  event.run('rejected', 'rejected', 6, 'anna')
  former.close()

  await using store = await Store.open({ file, keyFile })
  const states = (await store.alerts.list({ limit: 9 })).map(({ id, state, outcome }) => [
    id,
    state,
    outcome,
  ])
  expect(states).toEqual([
    ['rejected', 'resolved', 'false'],
    ['open', 'open', null],
    ['acknowledged', 'acknowledged', null],
  ])
  const life = await store.alerts.life('rejected')
  expect(life.map(({ kind, by, outcome }) => [kind, by, outcome])).toEqual([
    ['raised', null, null],
    ['resolved', 'anna', 'false'],
    ['reopened', 'bert', 'false'],
    ['resolved', 'anna', 'false'],
  ])
  expect(await store.decisions.waiting()).toEqual([])
})
