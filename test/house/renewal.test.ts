import { X509Certificate } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { issueCredentials } from '@vedette/certs/pki'
import { RenewingAgent } from '@vedette/scripts/bench/renewing-agent'
import { readCredentials } from '@vedette/shared/credentials'
import { expect, it } from 'vitest'
import { seeded } from '../support/agent-random.ts'
import { House } from '../support/house.ts'
import { jpegOf, plain } from '../support/server-photos.ts'

const LIFE_MS = 6000
const AGENTS = 5
const LENGTH_MS = 9500
const ASK_MS = 150

it('a fleet whose certificates live six seconds renews them and loses no question', async () => {
  await using house = await House.found()
  house.config.certificates.life = LIFE_MS
  const server = await house.startServer()
  const chip = await jpegOf(plain(64, 64))
  const agents: RenewingAgent[] = []
  const folders: string[] = []
  for (let i = 0; i < AGENTS; i++) {
    const identity = { role: 'agent', name: `gate-${i}` } as const
    const { folder } = await issueCredentials({ home: house.home, identity, life: LIFE_MS })
    const port = server.gatePort
    agents.push(await RenewingAgent.start({ folder, port, random: seeded(i + 1), chip }))
    folders.push(folder)
  }
  const until = Date.now() + LENGTH_MS
  while (Date.now() < until) {
    for (const agent of agents) agent.ask()
    await wait(ASK_MS)
  }
  for (let i = 0; i < 50; i++) {
    if (agents.every(({ report }) => report.asked === report.answered)) break
    await wait(100)
  }
  const reports = agents.map(({ report }) => report)
  expect(reports.map(({ trouble }) => trouble)).toEqual(agents.map(() => []))
  for (const { asked, answered, taken, renewed } of reports) {
    expect(answered).toBe(asked)
    expect(asked).toBeGreaterThan(20)
    expect(Math.max(...taken)).toBeLessThan(5000)
    expect(renewed.length).toBeGreaterThanOrEqual(2)
  }
  for (const folder of folders) {
    const { chain } = await readCredentials(folder)
    expect(Date.parse(new X509Certificate(chain).validTo)).toBeGreaterThan(Date.now())
  }
  await Promise.all(agents.map((agent) => agent[Symbol.asyncDispose]()))
})
