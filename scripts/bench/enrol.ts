import { setTimeout as wait } from 'node:timers/promises'
import { DEFAULT_MODELS } from '@vedette/models/models'
import type { EnrolAnswer } from '@vedette/server/gallery/enrolment-answer'
import { FormData } from 'undici'
import { enrolServer } from './enrol-server.ts'
import { noiseJpeg } from './gate.ts'
import { GateClient } from './gate-client.ts'
import { issueMany, withHome } from './gate-process.ts'
import { facelike, median, percentile, type Report, seeded } from './measure.ts'
import { oneFace } from './one-face.ts'

const AGENTS = 50
/** From question to question of an agent, milliseconds, and how long they are watched. */
const EVERY_MS = 500
const WATCHED_MS = 10_000
const RUNS = 10

/** How long somebody waits who enrols one photograph, and what agents notice of it. */
export async function benchEnrol(report: Report): Promise<void> {
  await withHome(async (home) => {
    const credentials = await issueMany(home, AGENTS)
    await using running = await enrolServer(home)
    const face = await oneFace(3)
    const enrol = async () => {
      const form = new FormData()
      form.append('name', 'Bench')
      form.append('anyway', 'true')
      form.append('photo', new Blob([new Uint8Array(face)]), 'face.jpg')
      const began = performance.now()
      const { entry } = await running.desk.json<EnrolAnswer>('POST', '/entries', form)
      const ms = performance.now() - began
      await running.desk.json('DELETE', `/entries/${entry!.id}`)
      return ms
    }
    const cold = await enrol()
    const alone: number[] = []
    for (let i = 0; i < RUNS; i++) alone.push(await enrol())
    const port = running.server.gatePort
    const clients = await Promise.all(
      credentials.map((mine) => GateClient.dial(port, mine, DEFAULT_MODELS.embedder)),
    )
    await stream(clients, WATCHED_MS / 4)
    const before = await stream(clients, WATCHED_MS)
    let over = false
    const beside: number[] = []
    const enrolling = (async () => {
      while (!over) beside.push(await enrol())
    })()
    const during = await stream(clients, WATCHED_MS)
    over = true
    await enrolling
    await Promise.all(clients.map((client) => client.close()))
    report({
      bench: 'enrol.one-photo',
      value: median(alone),
      unit: 'ms',
      p99: Math.max(...alone),
      detail: {
        coldMs: cold,
        besideAgentsMs: median(beside),
        besideAgentsMostMs: Math.max(...beside),
        enrolledBeside: beside.length,
        agents: AGENTS,
        questions: during.length,
        agentsP99BeforeMs: percentile(before, 0.99),
        agentsP99DuringMs: percentile(during, 0.99),
        agentsMedianBeforeMs: median(before),
        agentsMedianDuringMs: median(during),
      },
    })
  })
}

/** What questions took that all of `clients` asked, each at its own pace. */
async function stream(clients: readonly GateClient[], ms: number): Promise<number[]> {
  const probes = facelike(64, 128, seeded(11))
  const chip = await noiseJpeg()
  const end = performance.now() + ms
  const taken = await Promise.all(
    clients.map(async (client, i) => {
      const mine: number[] = []
      await wait((i * EVERY_MS) / clients.length)
      while (performance.now() < end) {
        mine.push(...(await client.run({ window: 1, requests: 1, probes, chip })))
        await wait(EVERY_MS)
      }
      return mine
    }),
  )
  return taken.flat()
}
