import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseServerConfig } from '@vedette/server/config'
import { Server } from '@vedette/server/server'
import { Store } from '@vedette/server/store/store'
import { Vault } from '@vedette/server/store/vault'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { silentLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { openMetricsPages } from '@vedette/shared/service/metrics-server'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { figureOf, get, type Sample, scrape } from '../support/scrape.ts'
import { matchOf, ScriptedAgent } from '../support/server-client.ts'
import { Deployment } from '../support/server-deployment.ts'
import { newEntry, newPhoto } from '../support/server-store.ts'

const SPACE = 'dlib-resnet29-1'
const deployment = await Deployment.found()
await Vault.create(join(deployment.home, 'vault.key'))

afterAll(() => deployment[Symbol.asyncDispose]())

const made = parseServerConfig('', join(deployment.home, 'server.yaml'))
const free = { host: '127.0.0.1', port: 0 }
const config = { ...made, gate: { ...made.gate, ...free }, desk: { ...made.desk, ...free } }

beforeEach(() => rm(config.data, { recursive: true, force: true }))

/** A server with one entry on its list, and its pages. */
async function serving() {
  {
    const place = { file: join(config.data, 'wanted.db'), keyFile: config.vaultKey }
    await using store = await Store.open(place)
    await store.entries.add(newEntry('Anna Ω'), [newPhoto(1, { space: SPACE })])
  }
  const metrics = createMetrics('server')
  const server = await Server.start(config, { log: silentLog, metrics })
  const pages = await openMetricsPages(
    { ...config.metrics, port: 0 },
    { log: silentLog, file: 'server.yaml', metrics, ready: () => server.readiness() },
  )
  return { server, pages: pages! }
}

describe("a server's figures", () => {
  it('count the list, the searches, the agents and what became of alerts', async () => {
    const { server, pages } = await serving()
    await using _server = server
    await using _pages = pages
    const before = await scrape(pages.port)
    const raised = { kind: 'raised' }
    expect(figureOf(before, 'vedette_alert_changes_total', raised)).toBe(0)
    expect(figureOf(before, 'vedette_agents_connected')).toBe(0)

    const credentials = await deployment.agent('gate-7')
    using agent = await ScriptedAgent.welcome(server.gatePort, credentials, { model: SPACE })
    const probe = encodeEmbedding(newPhoto(1).template)
    agent.say(matchOf(0, { track: 'stranger' }), matchOf(1, { track: 'anna', probe }))
    expect(await agent.hears('ack', 1)).toBeDefined()

    const samples = await scrape(pages.port)
    const of = (name: string, labels = {}) => figureOf(samples, name, labels)
    expect(of('vedette_gallery_entries', { space: SPACE })).toBe(1)
    expect(of('vedette_gallery_templates', { space: SPACE })).toBe(1)
    expect(of('vedette_agents_connected')).toBe(1)
    expect(of('vedette_cameras_connected')).toBe(2)
    expect(of('vedette_match_duration_seconds_count')).toBe(2)
    expect(of('vedette_search_duration_seconds_count')).toBeGreaterThan(0)
    expect(of('vedette_search_duration_seconds_sum')).toBeLessThan(5)
    expect(of('vedette_alerts', { state: 'open', certainty: 'provisional' })).toBe(1)
    expect(of('vedette_alert_changes_total', raised)).toBe(1)
    for (const certificate of ['own', 'issuing']) {
      const expiry = of('vedette_certificate_expiry_timestamp_seconds', { certificate })
      expect(expiry! * 1000).toBeGreaterThan(Date.now())
    }
    expectNobody(samples)
  })

  it('say ready while the database answers, else why not', async () => {
    const { server, pages } = await serving()
    await using _pages = pages
    const body = 'serving 0 agents\n'
    expect(await get(pages.port, '/readyz')).toMatchObject({ status: 200, body })
    await server[Symbol.asyncDispose]()
    expect(await get(pages.port, '/readyz')).toMatchObject({ status: 503, body: 'stopping\n' })
    expect(await get(pages.port, '/healthz')).toMatchObject({ status: 200 })
  })
})

/** No label holds a name or an id of a person, an entry, an alert or a walk. */
function expectNobody(samples: readonly Sample[]): void {
  for (const { name, labels } of samples) {
    for (const [key, value] of Object.entries(labels)) {
      expect(`${name} ${key} ${value}`).not.toMatch(/anna|stranger|[0-9a-f]{8}-[0-9a-f]{4}-7/i)
    }
  }
}
