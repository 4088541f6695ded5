import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { ServerStage } from './durable/server-stage.ts'
import { median, percentile, type Report } from './measure.ts'
import { type Held, KINDS } from './slow-http-attackers.ts'

const CONNECTIONS = 500
const SECONDS = 15
/** An honest browser asks so often, milliseconds. */
const ASK_MS = 50
/** Whoever waits for longer was not answered, milliseconds. */
const PATIENCE_MS = 5000

/**
 * Five hundred connections from five addresses that are slow in every way there is, each opened anew
 * when it is hung up on, while a browser asks for the page and for what it may not see.
 */
export async function benchSlowHttp(report: Report): Promise<void> {
  await using stage = await ServerStage.open({ agents: 1 })
  await stage.start()
  const quiet = await asking(stage.consolePort, 3)
  for (const kind of KINDS) {
    const program = new URL('./slow-http-attackers.js', import.meta.url)
    const child = fork(program, [String(stage.consolePort), kind, String(CONNECTIONS)])
    await once(child, 'message')
    const { taken, failed } = await asking(stage.consolePort, SECONDS)
    const answer = once(child, 'message')
    child.send('held')
    const [held] = (await answer) as [Held]
    child.disconnect()
    await once(child, 'exit')
    report({
      bench: `slow-http ${kind}`,
      value: median(taken),
      unit: 'ms until a browser is answered',
      p99: percentile(taken, 0.99),
      detail: {
        ...{ asked: taken.length + failed, failed, quietMs: median(quiet.taken) },
        ...{ connections: CONNECTIONS, hungUpOn: held.ended, longestHeldS: held.longest / 1000 },
        memoryMiB: (await stage.memory()) / 2 ** 20,
      },
    })
    await wait(1000)
  }
}

/** What a browser goes through meanwhile. */
async function asking(port: number, seconds: number): Promise<{ taken: number[]; failed: number }> {
  const connect = { rejectUnauthorized: false }
  const taken: number[] = []
  let failed = 0
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    // A connection of its own each time, as of somebody who comes.
    await using dispatcher = new Closing({ connect, headersTimeout: PATIENCE_MS })
    const began = performance.now()
    const path = taken.length % 2 ? '/' : '/api/session'
    const answered = await request(`https://127.0.0.1:${port}${path}`, { dispatcher })
      .then(({ body }) => body.dump())
      .then(
        () => true,
        () => false,
      )
    if (answered) taken.push(performance.now() - began)
    else failed++
    await wait(ASK_MS)
  }
  return { taken, failed }
}

class Closing extends Agent {
  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroy()
  }
}
