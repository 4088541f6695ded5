import { writeSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { Alerts } from '@vedette/server/alerts/alerts'
import { Channels } from '@vedette/server/channels/channels'
import { channelsConfig } from '@vedette/server/channels/config'
import { rulesSchema } from '@vedette/server/channels/rules'
import { SERVER_HAND } from '@vedette/server/hand'
import { Lists } from '@vedette/server/lists/lists'
import { callerOf } from '@vedette/server/operators/caller'
import { NOTHING_SAID } from '@vedette/server/store/entry-rows'
import { Store } from '@vedette/server/store/store'
import { Vault } from '@vedette/server/store/vault'
import { systemClock as clock } from '@vedette/shared/clock'
import { silentLog as log } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { facelike } from './measure.ts'

/** What it is told: where its store is, where channels go, and how many alerts it raises how fast. */
export type TellerOrder = {
  folder: string
  urls: string[]
  alerts: number
  /** Milliseconds from one to the next. */
  apart: number
}
/** An alert that is committed, when (epoch milliseconds, fractions too), and how long that took. */
export type Told = { alert: string; at: number; took: number } | { over: true }

const LENGTH = 128
const order = JSON.parse(process.argv[2]!) as TellerOrder
const say = (said: Told) => writeSync(1, `${JSON.stringify(said)}\n`)
const keyFile = join(order.folder, 'vault.key')
await Vault.create(keyFile).catch(() => {})
const store = await Store.open({ file: join(order.folder, 'data', 'wanted.db'), keyFile })
const alerts = new Alerts({ store: store.alerts, cooldown: 0, trail: 0, clock, log })
const lists = await Lists.open({ store: store.lists, clock, log })
const nobody = { fullName: '', hasPassword: false, passwordGiven: false, createdAt: 0 }
const channels = await Channels.open({
  ...{ store, alerts, lists, clock, log, random: Math.random },
  cameras: { all: () => [], listen: () => () => {} },
  operators: {
    caller: (name) =>
      callerOf({
        ...{ ...nobody, name, role: 'viewer', lists: null, cameras: null, createdBy: 'server' },
        ...{ disabledAt: null, disabledBy: null, seenAt: null },
      }),
    listen: () => () => {},
  },
  config: { ...channelsConfig.parse({}), loopback: true },
  metrics: createMetrics('server'),
})
if ((await channels.all()).length === 0) {
  const rules = rulesSchema.parse({})
  for (const url of order.urls) {
    await channels.add({ kind: 'webhook', name: url, rules, settings: { url } }, SERVER_HAND)
  }
}
const [face] = facelike(1, LENGTH, Math.random)
const person = { ...NOTHING_SAID, name: 'Nobody', list: 'wanted', hand: SERVER_HAND }
const photo = { jpeg: Buffer.alloc(2000), quality: 0.9, template: face!, space: 'bench' }
for (let n = 0; n < order.alerts; n++) {
  const { entry } = await store.entries.add({ ...person, createdAt: clock.now() }, [photo])
  const begun = performance.now()
  const capturedAt = clock.now()
  await alerts.consider({
    ...{ standing: 'reached', certain: false, rival: null, entryId: entry.id, list: 'wanted' },
    ...{ templateId: 't', score: 0.96, threshold: 0.95, runnerUp: null, space: 'bench' },
    evidence: { probe: face!, coherence: 1, chips: 1, side: 40 },
    probe: {
      ...{ agent: 'gate-7', camera: 'north', track: entry.id, shot: 0, space: 'bench' },
      ...{ capturedAt, receivedAt: capturedAt, probe: face!, quality: 0.8 },
      ...{ box: [1, 2, 30, 40], chip: Buffer.alloc(2000) },
    },
  })
  const [raised] = await store.alerts.list({ entry: entry.id, limit: 1 })
  const took = performance.now() - begun
  if (raised !== undefined) say({ alert: raised.id, at: Date.now(), took })
  await clock.sleep(order.apart)
}
say({ over: true })
