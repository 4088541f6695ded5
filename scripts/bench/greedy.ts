import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { Credentials } from '@vedette/shared/tls'
import { noiseJpeg } from './gate.ts'
import { GateProcess, issueMany, withHome } from './gate-process.ts'
import type { AskerResult, AskerTask } from './greedy-asker.ts'
import { median, percentile, type Report } from './measure.ts'

const MODEST = 49
const MODEST_PER_SECOND = 5
const GREEDY_PER_SECOND = 1000
const TEMPLATES = 10_000
const SECONDS = 10
const ROUNDS = 3

/** The limits as they are, but for agents that all come from one address. */
const YAML = `
gate:
  port: 0
  limits:
    perAddress: 1000
    arrivalsPerAddress: { rate: 1000, burst: 1000 }
    arrivals: { rate: 1000, burst: 1000 }
    flapping: { connections: 1000 }
`

/** Agents that ask as they should, with and without one that asks a hundred times as much. */
export async function benchGreedy(report: Report): Promise<void> {
  await withHome(async (home) => {
    const credentials = await issueMany(home, MODEST + 1)
    const [one, ...others] = credentials
    await using server = await GateProcess.start(home, TEMPLATES, YAML)
    const chip = Buffer.from(await noiseJpeg()).toString('base64')
    const modest = { perSecond: MODEST_PER_SECOND, seconds: SECONDS, chip }
    const rounds: { alone: number; beside: number; greedy: AskerResult; grown: number }[] = []
    await ask(server.port, others, { ...modest, seconds: 3 })
    for (let i = 0; i < ROUNDS; i++) {
      const alone = await ask(server.port, others, modest)
      const before = await server.usage()
      const task = { perSecond: GREEDY_PER_SECOND, seconds: SECONDS + 2, chip }
      const greed = ask(server.port, [one!], task)
      await setTimeout(1000)
      const beside = await ask(server.port, others, modest)
      const greedy = await greed
      const after = await server.usage()
      rounds.push({
        alone: percentile(alone.taken, 0.99),
        beside: percentile(beside.taken, 0.99),
        greedy,
        grown: (after.rss - before.rss) / 2 ** 20,
      })
    }
    const [greedy] = rounds.map((round) => round.greedy)
    report({
      bench: 'greedy.p99',
      value: median(rounds.map(({ beside }) => beside)),
      unit: 'ms, p99 of the others',
      baseline: 'the same without it',
      ratio: median(rounds.map(({ alone, beside }) => alone / beside)),
      detail: {
        aloneP99: median(rounds.map(({ alone }) => alone)),
        asked: greedy!.asked,
        busyShare: greedy!.busied / (greedy!.busied + greedy!.taken.length),
        goodbyes: greedy!.goodbyes.join(' '),
        rssGrowthMiB: median(rounds.map(({ grown }) => grown)),
      },
    })
  })
}

async function ask(
  port: number,
  credentials: readonly Credentials[],
  task: Omit<AskerTask, 'credentials'>,
): Promise<AskerResult> {
  const child = fork(new URL('./greedy-asker.js', import.meta.url), [String(port)])
  child.send({ ...task, credentials: [...credentials] } satisfies AskerTask)
  const [result] = (await once(child, 'message')) as [AskerResult]
  child.disconnect()
  return result
}
