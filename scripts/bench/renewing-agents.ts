import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { seeded } from './measure.ts'
import { type AgentReport, RenewingAgent } from './renewing-agent.ts'

/**
 * Several agents in a process of their own: `node renewing-agents.js PORT EVERY_MS`. Speaks over
 * IPC: an agent begins for each `{folder, chip}` it gets; `'stop'` ends the questions, and `reports`
 * follow when they are answered, or ten seconds later.
 */
export type Begin = { folder: string; chip: string }
export type Reports = { reports: AgentReport[] }

const [port = '0', every = '1000'] = process.argv.slice(2)
const agents: RenewingAgent[] = []
const askers: NodeJS.Timeout[] = []

process.on('message', (message: Begin | 'stop') => {
  void (message === 'stop' ? stop() : begin(message))
})
process.once('disconnect', () => process.exit())

async function begin({ folder, chip }: Begin): Promise<void> {
  const random = seeded(process.pid * 64 + agents.length)
  const picture = Buffer.from(chip, 'base64')
  const agent = await RenewingAgent.start({ folder, port: Number(port), random, chip: picture })
  agents.push(agent)
  askers.push(setInterval(() => agent.ask(), Number(every)))
}

async function stop(): Promise<void> {
  for (const asker of askers) clearInterval(asker)
  for (let i = 0; i < 100; i++) {
    if (agents.every(({ report }) => report.answered === report.asked)) break
    await wait(100)
  }
  const reports = agents.map(({ report }) => report)
  process.send?.({ reports } satisfies Reports)
  await Promise.all(agents.map((agent) => agent[Symbol.asyncDispose]()))
}
