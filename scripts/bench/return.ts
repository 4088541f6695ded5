import { fork } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { GateProcess, issueMany, withHome } from './gate-process.ts'
import { percentile, type Report } from './measure.ts'
import type { Coming } from './return-agents.ts'

const AGENTS = 500
const PROCESSES = 2
const PORT = 47_443
/** How long nobody serves after a power cut, milliseconds. */
const DOWN_MS = 5000
const GIVE_UP_MS = 120_000

/** The limits as they are, but for a fleet that comes from one address. */
const YAML = `
gate:
  port: ${PORT}
  limits:
    perAddress: 1000
    arrivalsPerAddress: { rate: 1000, burst: 1000 }
`

/** A fleet after a restart of its server: once told, once cut off. */
export async function benchReturn(report: Report): Promise<void> {
  await withHome(async (home) => {
    const credentials = await issueMany(home, AGENTS)
    const fleet = new Fleet()
    let server = await GateProcess.start(home, 0, YAML)
    const share = Math.ceil(AGENTS / PROCESSES)
    const agents = credentials.map((mine, agent) => ({ agent, credentials: mine }))
    const crowds = Array.from({ length: PROCESSES }, (_, i) => {
      const child = fork(new URL('./return-agents.js', import.meta.url), [String(PORT)])
      child.on('message', (coming: Coming) => fleet.note(coming))
      child.send(agents.slice(i * share, (i + 1) * share))
      return child
    })
    try {
      report(fleet.figure('return.first', await fleet.gathered(Date.now())))
      for (const [bench, end, pause] of [
        ['return.shutdown', () => server.stop(), 0],
        ['return.power-cut', () => server.kill(), DOWN_MS],
      ] as const) {
        // A talk that has lasted went well: the wait before the next dial is short again.
        await setTimeout(12_000)
        fleet.forget()
        const from = Date.now()
        await end()
        await setTimeout(pause)
        server = await GateProcess.start(home, 0, YAML)
        const serving = Date.now()
        report(fleet.figure(bench, await fleet.gathered(from), (serving - from) / 1000))
      }
    } finally {
      for (const crowd of crowds) crowd.disconnect()
      await server[Symbol.asyncDispose]()
    }
  })
}

/** When each agent was welcomed, and how often one was sent away meanwhile. */
class Fleet {
  #welcomes = new Map<number, number>()
  #refusals = 0

  note({ agent, what, at }: Coming): void {
    if (what === 'closed') this.#refusals++
    else this.#welcomes.set(agent, at)
  }

  forget(): void {
    this.#welcomes.clear()
    this.#refusals = 0
  }

  /** Resolves when all are here, or nobody waits for the last any more: seconds since `from`, of each. */
  async gathered(from: number): Promise<number[]> {
    while (this.#welcomes.size < AGENTS && Date.now() - from < GIVE_UP_MS) await setTimeout(50)
    return [...this.#welcomes.values()].map((at) => (at - from) / 1000)
  }

  figure(bench: string, seconds: readonly number[], served = 0) {
    return {
      bench,
      value: Math.max(...seconds),
      unit: 's until the last is back',
      p50: percentile(seconds, 0.5),
      p99: percentile(seconds, 0.99),
      detail: {
        agents: AGENTS,
        back: seconds.length,
        servingAfter: served,
        mostWelcomesInASecond: busiestSecond(seconds),
        endings: this.#refusals,
      },
    }
  }
}

/** The most of `times` that lie within one second, wherever it begins. */
function busiestSecond(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  let [most, first] = [0, 0]
  for (const [i, at] of sorted.entries()) {
    while (at - sorted[first]! >= 1) first++
    most = Math.max(most, i - first + 1)
  }
  return most
}
