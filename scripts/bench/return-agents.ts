import process from 'node:process'
import { Uplink } from '@vedette/agent/uplink/uplink'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { systemClock } from '@vedette/shared/clock'
import { createLog } from '@vedette/shared/log'
import type { Credentials } from '@vedette/shared/tls'

/**
 * The uplinks of many agents in a process of their own: `node return-agents.js PORT`. Gets their
 * credentials over IPC, and tells of every welcome and every end, epoch milliseconds.
 */
const port = Number(process.argv[2])

export type Coming = { agent: number; what: 'open' | 'closed'; at: number; code?: string }

/** Has nothing to send: what is looked at is who gets in when. */
const nothing = {
  size: 0,
  settle: () => {},
  landed: () => {},
  outrun: () => false,
  async *from(signal: AbortSignal): AsyncGenerator<never, void, undefined> {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  },
}

process.once('message', (all: { agent: number; credentials: Credentials }[]) => {
  for (const { agent, credentials } of all) {
    const write = (text: string) => {
      const { event, code } = JSON.parse(text) as { event: string; code?: string }
      if (event !== 'uplink.open' && event !== 'uplink.closed') return
      const what = event === 'uplink.open' ? 'open' : 'closed'
      process.send?.({ agent, what, at: Date.now(), ...(code && { code }) } satisfies Coming)
    }
    const uplink = new Uplink({
      server: { host: '127.0.0.1', port },
      credentials,
      hello: {
        software: 'vedette/bench',
        model: DEFAULT_MODELS.embedder,
        cameras: ['north'],
        announce: false,
      },
      outbox: nothing,
      log: createLog('agent', 'info', { write }),
      clock: systemClock,
      random: Math.random,
    })
    void uplink.run(new AbortController().signal)
  }
})
process.once('disconnect', () => process.exit())
