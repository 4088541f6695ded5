import process from 'node:process'
import { DEFAULT_MODELS } from '@vedette/models/models'
import type { Credentials } from '@vedette/shared/tls'
import { GateClient } from './gate-client.ts'

/**
 * Agents that are welcome and say nothing, in a process of their own: `node idle-agents.js PORT`. Gets
 * their credentials over IPC and says how many are here when all are; ends when it is disconnected.
 */
const port = Number(process.argv[2])
const ABREAST = 8
/** As often as an agent shows that it is alive, milliseconds. */
const HEARTBEAT_MS = 15_000

process.once('message', async (credentials: Credentials[]) => {
  const clients: GateClient[] = []
  const waiting = [...credentials]
  const dial = async () => {
    for (let mine = waiting.pop(); mine !== undefined; mine = waiting.pop()) {
      clients.push(await GateClient.dial(port, mine, DEFAULT_MODELS.embedder))
    }
  }
  setInterval(() => {
    for (const client of clients) client.ping()
  }, HEARTBEAT_MS)
  await Promise.all(Array.from({ length: ABREAST }, dial))
  process.send?.(clients.length)
})
process.once('disconnect', () => process.exit())
