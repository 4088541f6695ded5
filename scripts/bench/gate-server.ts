import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { Office } from '@vedette/certs/office'
import { findModel, readManifest } from '@vedette/models/manifest'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { Alerts } from '@vedette/server/alerts/alerts'
import { parseServerConfig } from '@vedette/server/config'
import { Gallery } from '@vedette/server/gallery/gallery'
import { Deliveries } from '@vedette/server/gate/deliveries'
import { Gate } from '@vedette/server/gate/gate'
import { Papers } from '@vedette/server/gate/papers'
import { Matching } from '@vedette/server/matching/matching'
import { Rejections } from '@vedette/server/matching/rejections'
import { Strictness } from '@vedette/server/matching/strictness'
import { Keeper } from '@vedette/server/past/keeper'
import { Offer } from '@vedette/server/spaces/offer'
import { Store } from '@vedette/server/store/store'
import { Vault } from '@vedette/server/store/vault'
import { decade } from '@vedette/server/thresholds/published'
import { Thresholds } from '@vedette/server/thresholds/thresholds'
import { systemClock } from '@vedette/shared/clock'
import { readCredentials } from '@vedette/shared/credentials'
import { silentLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { facelike, seeded } from './measure.ts'

const DAY_MS = 86_400_000
/** As the server's past. */
const BEAT_MS = 10_000

/**
 * The server's gate, gallery, matching and store in a process of their own, with synthetic templates:
 * `node gate-server.js HOME TEMPLATES [SERVER_YAML] [keep]`. Speaks over IPC: `{port}` when it serves, then what
 * it uses for every `usage` it gets; `stop` makes it stop as a server does.
 */
const [home = '', templates = '0', yaml = '', keep = 'drop'] = process.argv.slice(2)
const data = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
await Vault.create(join(data, 'vault.key'))
const store = await Store.open({ file: join(data, 'wanted.db'), keyFile: join(data, 'vault.key') })
const model = findModel(await readManifest(), 'embed', DEFAULT_MODELS.embedder)
const vectors = facelike(Number(templates), model.length, seeded(1))
const rows = vectors.map((vector, i) => ({ id: `t${i}`, entryId: `e${i}`, list: 'wanted', vector }))
const {
  gate: { port, limits },
  match,
  search,
} = parseServerConfig(yaml, join(home, 'server.yaml'))
const options = { length: model.length, ...search }
const gallery = await Gallery.open(model.id, options, rows)
const [clock, log] = [systemClock, silentLog]
const alerts = new Alerts({ store: store.alerts, cooldown: 60_000, trail: 600_000, clock, log })
const thresholds = await Thresholds.open({
  store: store.thresholds,
  agents: store.agents,
  space: model.id,
  calibration: model.calibration.points,
  ...match,
  floor: model.calibration.floor,
  entries: () => gallery.entries,
  clock,
  log,
})
const policies = () => [
  {
    ...{ list: 'wanted', keepFor: DAY_MS, keepPictures: false },
    watches: () => true,
    applies: () => true,
  },
]
const most = { walks: 1_000_000, size: 1e10 }
const keeper = await Keeper.open({ store: store.past, policies, most, clock, log })
const beat = () =>
  clock.after(BEAT_MS, async () => {
    await keeper.flush()
    await keeper.sweep()
    beat()
  })
if (keep === 'keep') beat()
const matching = new Matching({
  gallery,
  alerts,
  rejections: await Rejections.open(store.rejections),
  strictness: await Strictness.open(store.entries),
  lists: { applies: () => true },
  thresholds,
  decade: decade(model.calibration.points),
  clock,
  onOver: (walk) => {
    if (keep === 'keep') keeper.take(walk, model.id)
  },
  onNearMiss: () => {},
})
const offer = await Offer.of(model)
const metrics = createMetrics('server')
const office = await Office.open(home)
const gate = await Gate.open({
  host: '127.0.0.1',
  port,
  limits,
  known: ['127.0.0.1'],
  credentials: await readCredentials(join(home, 'certs', 'server')),
  ledger: office,
  lengthOf: (space) => (space === model.id ? model.length : undefined),
  offer: () => offer,
  deliveries: await Deliveries.open({ store: store.deliveries, clock, log, metrics }),
  papers: new Papers({ office, agents: store.agents, life: DAY_MS, clock, log, metrics }),
  announce: {},
  clock,
  random: Math.random,
  log,
  metrics,
  onProbe: (probe) => matching.consider(probe),
  onTrouble: async () => {},
  onPlaces: async () => {},
  onView: () => {},
  onUnviewed: () => {},
  onFares: () => {},
  onWelcome: ({ name, serial, hello: { software, cameras } }) =>
    store.agents.welcomed({ name, serial, software, cameras }, clock.now()),
})

const end = async () => {
  await rm(data, { recursive: true, force: true })
  process.exit()
}
process.on('message', async (what) => {
  if (what === 'stop') {
    await gate[Symbol.asyncDispose]()
    return end()
  }
  // What was garbage goes, and then the room that it took.
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await setTimeout(200)
  }
  const { user, system } = process.cpuUsage()
  const descriptors = (await readdir('/proc/self/fd')).length
  process.send?.({ rss: process.memoryUsage().rss, cpuMs: (user + system) / 1000, descriptors })
})
process.once('disconnect', end)
process.send?.({ port: gate.port })
