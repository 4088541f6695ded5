import process from 'node:process'
import { DeskClient } from '@vedette/server/cli/desk-client'
import type { NamedChange } from '@vedette/server/desk/named'
import { readCredentials } from '@vedette/shared/credentials'

/** How long after its alert was raised each event came, milliseconds. */
export type Watched = { after: number[] }

/**
 * Consoles that are told what happens: `node consoles-watchers.js DESK FOLDER COUNT`. Speaks over IPC:
 * something when all of them listen, what they were told when it is asked.
 */
const [address = '', folder = '', count = '0'] = process.argv.slice(2)
const credentials = await readCredentials(folder)
const over = new AbortController()
const after: number[] = []

async function watch(ready: () => void): Promise<void> {
  await using desk = new DeskClient(address, credentials)
  const events = desk.events('/alerts/events?cameras=1&entries=1', over.signal)
  for await (const { event, data } of events) {
    // The first is how all cameras are.
    if (event === 'watch') ready()
    if (event !== 'raised') continue
    after.push(Date.now() - (JSON.parse(data) as NamedChange).at)
  }
}

const watching: Promise<void>[] = []
const open = Array.from(
  { length: Number(count) },
  () => new Promise<void>((ready) => watching.push(watch(ready))),
)
await Promise.all(open)
process.on('message', () => process.send?.({ after } satisfies Watched))
process.once('disconnect', () => over.abort())
process.send?.('ready')
await Promise.all(watching)
