import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseConfig } from '@vedette/shared/config'
import { silentLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { openMetricsPages } from '@vedette/shared/service/metrics-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { House } from '../support/house.ts'
import { sampleFile } from '../support/models-samples.ts'
import { familiesOf, get, parseFigures, type Sample } from '../support/scrape.ts'
import { until } from '../support/until.ts'

type Board = { panels: { title: string; targets?: { expr: string }[] }[] }

const rule = z.object({
  alert: z.string(),
  expr: z.string(),
  annotations: z.object({ summary: z.string().min(10), description: z.string().min(10) }),
})
const rulesFile = z.object({ groups: z.array(z.object({ rules: z.array(rule) })) })

async function rules(): Promise<z.output<typeof rule>[]> {
  const text = await readFile(file('vedette-alerts.yml'), 'utf8')
  return parseConfig(text, rulesFile, 'vedette-alerts.yml').groups.flatMap((group) => group.rules)
}

const file = (name: string) => new URL(`../../server/grafana/${name}`, import.meta.url)

/** Labels that a scrape, or the form of a histogram, adds. */
const GIVEN = new Set(['instance', 'job', 'le'])

let folder: TemporaryFolder
let families: Set<string>
let samples: Sample[]

beforeAll(async () => {
  folder = await TemporaryFolder.make()
  await mkdir(join(folder.path, 'photos'))
  await writeFile(join(folder.path, 'photos', '1.jpg'), await sampleFile(1))
  await using house = await House.found()
  const [ofServer, ofAgent] = [createMetrics('server'), createMetrics('agent')]
  await house.startServer(ofServer)
  const cameras = `  gate: ${folder.path}/photos/\n  none: ${folder.path}/none/`
  const agent = await house.startAgent('north', cameras, ofAgent)
  await until(() => agent.status().uplink === 'open')
  const place = { enabled: true, host: '127.0.0.1', port: 0 }
  const options = { log: silentLog, ready: () => ({ ready: true, why: '' }) }
  await using server = await openMetricsPages(place, {
    ...options,
    file: 'server.yaml',
    metrics: ofServer,
  })
  await using client = await openMetricsPages(place, {
    ...options,
    file: 'agent.yaml',
    metrics: ofAgent,
  })
  const texts = await Promise.all(
    [server!, client!].map(async ({ port }) => (await get(port, '/metrics')).body),
  )
  families = new Set(texts.flatMap(familiesOf))
  samples = texts.flatMap(parseFigures)
})

afterAll(() => folder[Symbol.asyncDispose]())

const expressions = async () => {
  const board = JSON.parse(await readFile(file('vedette-board.json'), 'utf8')) as Board
  return [
    ...board.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => [title, expr] as const),
    ),
    ...(await rules()).map(({ alert, expr }) => [alert, expr] as const),
  ]
}

describe('the board and the rules', () => {
  it('ask for figures that there are, by labels that these have', async () => {
    const all = await expressions()
    expect(all.length).toBeGreaterThan(50)
    for (const [what, expr] of all) {
      const names = [...expr.matchAll(/vedette_\w+/g)].map(([name]) => name)
      expect(names.length + Number(/^up\{/.test(expr)), what).toBeGreaterThan(0)
      for (const name of names) {
        const family = name.replace(/_(bucket|sum|count)$/, '')
        expect(
          [name, family].some((one) => families.has(one)),
          `${what}: ${name}`,
        ).toBe(true)
      }
      const own = samples.filter(({ name }) => names.includes(name))
      if (own.length === 0) continue // nothing has happened yet that it counts
      const known = new Set([...GIVEN, ...own.flatMap(({ labels }) => Object.keys(labels))])
      const asked = [
        ...[...expr.matchAll(/(\w+)=~?"/g)].map(([, label]) => label!),
        ...[...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/, */)),
      ]
      for (const label of asked) expect([...known], `${what}: ${label}`).toContain(label)
    }
  })

  it('tell whoever is woken what it is about, once each', async () => {
    const names = (await rules()).map(({ alert }) => alert)
    expect(names.length).toBeGreaterThan(10)
    expect(new Set(names).size).toBe(names.length)
  })
})
