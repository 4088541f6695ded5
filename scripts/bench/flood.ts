import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { DEFAULT_MODELS } from '@vedette/models/models'
import type { Credentials } from '@vedette/shared/tls'
import type { CrowdResult } from './flood-crowd.ts'
import { GateClient } from './gate-client.ts'
import { GateProcess, issueMany, UNLIMITED, withHome } from './gate-process.ts'
import { percentile, type Report } from './measure.ts'

const SILENT = 2000
const DRIBBLING = 200
/** Dials of good agents while the crowd is there; each is another, and none dials twice. */
const GOOD = 50
/** Descriptors that a server has in the last part, and clients that would each have one. */
const [FEW, TOO_MANY] = [1024, 5000]
/** As often as one address may connect, milliseconds. */
const GOOD_EVERY_MS = 110

/**
 * A crowd of clients that say nothing, or one byte now and then, and good agents that dial meanwhile:
 * once with the limits as they are; once with none, so that the whole crowd is let in and only the
 * time that a stranger has stands between it and the descriptors; once with few descriptors.
 */
export async function benchFlood(report: Report): Promise<void> {
  await withHome(async (home) => {
    const agents = await issueMany(home, 2 * GOOD)
    await flood(report, 'flood', home, 'gate: { port: 0 }', agents.slice(0, GOOD))
    await flood(report, 'flood.let-in', home, UNLIMITED, agents.slice(GOOD))
    await exhaust(report, home, agents[0]!)
  })
}

/** More clients than the process has descriptors: it lives, and serves again when they are gone. */
async function exhaust(report: Report, home: string, agent: Credentials): Promise<void> {
  await using server = await GateProcess.start(home, 0, UNLIMITED, FEW)
  const before = await server.usage()
  const { turnedAway, held, left } = await crowd(server.port, TOO_MANY, 0)
  const begun = performance.now()
  while ((await connectTimes(server.port, [agent])).length === 0);
  const seconds = (performance.now() - begun) / 1000
  const after = await server.usage()
  report({
    bench: 'flood.descriptors',
    value: seconds,
    unit: 's from the end of the crowd until an agent is welcome',
    detail: {
      clients: TOO_MANY,
      descriptors: FEW,
      turnedAway: turnedAway.length,
      letIn: held.length,
      stillOpen: left,
      descriptorsLeft: after.descriptors - before.descriptors,
    },
  })
}

async function crowd(port: number, silent: number, dribbling: number): Promise<CrowdResult> {
  const program = new URL('./flood-crowd.js', import.meta.url)
  const child = fork(program, [port, silent, dribbling].map(String))
  const [result] = (await once(child, 'message')) as [CrowdResult]
  return result
}

async function flood(
  report: Report,
  bench: string,
  home: string,
  yaml: string,
  agents: readonly Credentials[],
): Promise<void> {
  await using server = await GateProcess.start(home, 0, yaml)
  const quiet = await connectTimes(server.port, agents.slice(0, 10))
  const before = await server.usage()
  const coming = crowd(server.port, SILENT, DRIBBLING)
  await setTimeout(300)
  const taken = await connectTimes(server.port, agents.slice(10))
  const { turnedAway, held, left } = await coming
  await setTimeout(500)
  const after = await server.usage()
  const longest = Math.max(0, ...held, ...turnedAway)
  report({
    bench: `${bench}.longest`,
    value: longest / 1000,
    unit: 's until the last of the crowd is gone',
    detail: {
      clients: SILENT + DRIBBLING,
      turnedAway: turnedAway.length,
      letIn: held.length,
      stillOpen: left,
      descriptorsLeft: after.descriptors - before.descriptors,
      rssGrowthMiB: (after.rss - before.rss) / 2 ** 20,
    },
  })
  report({
    bench: `${bench}.good-agent`,
    value: percentile(taken, 0.5),
    unit: 'ms from dialling to the welcome',
    p99: percentile(taken, 0.99),
    detail: { welcomed: taken.length, tried: agents.length - 10, quietP50: percentile(quiet, 0.5) },
  })
}

/** Milliseconds until each was welcome; those that were not are left out. */
async function connectTimes(port: number, agents: readonly Credentials[]): Promise<number[]> {
  const taken: number[] = []
  for (const credentials of agents) {
    const begun = performance.now()
    try {
      const client = await GateClient.dial(port, credentials, DEFAULT_MODELS.embedder)
      const ms = performance.now() - begun
      taken.push(ms)
      await client.close()
      await setTimeout(Math.max(0, GOOD_EVERY_MS - ms))
    } catch {
      await setTimeout(GOOD_EVERY_MS)
    }
  }
  return taken
}
