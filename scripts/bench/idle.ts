import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { Credentials } from '@vedette/shared/tls'
import { GateProcess, issueMany, withHome } from './gate-process.ts'
import type { Report } from './measure.ts'

const AGENTS = 10_000
const PROCESSES = 2
/** Long enough for every agent to have shown that it is alive, milliseconds. */
const SETTLE_MS = 20_000

/** Many agents that are welcome and have nothing to ask: what the server holds for them. */
export async function benchMany(report: Report): Promise<void> {
  await withHome(async (home) => {
    const credentials = await issueMany(home, AGENTS)
    await using server = await GateProcess.start(home, 0)
    const before = await server.usage()
    const begun = performance.now()
    const share = Math.ceil(AGENTS / PROCESSES)
    const parts = Array.from({ length: PROCESSES }, (_, i) =>
      credentials.slice(i * share, (i + 1) * share),
    )
    const crowds = parts.map((mine) => crowd(server.port, mine))
    const here = await Promise.all(crowds.map(({ welcome }) => welcome))
    const seconds = (performance.now() - begun) / 1000
    await setTimeout(SETTLE_MS)
    const after = await server.usage()
    await setTimeout(SETTLE_MS)
    const later = await server.usage()
    report({
      bench: 'idle.rss',
      value: after.rss / 2 ** 20,
      unit: 'MiB',
      detail: {
        connections: here.reduce((sum, count) => sum + count, 0),
        descriptors: after.descriptors - before.descriptors,
        withoutMiB: before.rss / 2 ** 20,
        laterMiB: later.rss / 2 ** 20,
        connectionKiB: (after.rss - before.rss) / AGENTS / 1024,
        welcomesPerSecond: AGENTS / seconds,
        coreShareIdle: (later.cpuMs - after.cpuMs) / SETTLE_MS,
      },
    })
    for (const { child } of crowds) child.disconnect()
  })
}

function crowd(
  port: number,
  credentials: readonly Credentials[],
): { child: ChildProcess; welcome: Promise<number> } {
  const child = fork(new URL('./idle-agents.js', import.meta.url), [String(port)])
  child.send(credentials)
  const welcome = once(child, 'message').then(([count]) => count as number)
  return { child, welcome }
}
