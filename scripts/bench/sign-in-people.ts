import os from 'node:os'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { Unavailable } from '@vedette/shared/errors'
import { Agent, request } from 'undici'

/**
 * People who sign in at once, in a process of their own: their handshakes are not the agents'.
 * `node sign-in-people.js PORT PEOPLE PASSWORD`; begins when it is told to, over IPC.
 */
const [port, people, password] = process.argv.slice(2)

/** Their machines are others than the server's: what they do there goes behind it. */
os.setPriority(10)

/** What each went through: how long until they were in, ms; and how often they were sent away in all. */
export type Came = { waits: number[]; refused: number }

process.once('message', async () => {
  const begun = performance.now()
  const all = Array.from({ length: Number(people) }, async (_, n) => {
    const times = await comeIn(n)
    return { times, took: performance.now() - begun }
  })
  const came = await Promise.all(all)
  const refused = came.reduce((sum, { times }) => sum + times, 0)
  process.send?.({ waits: came.map(({ took }) => took), refused } satisfies Came)
  process.disconnect()
})
process.send?.('ready')

/** Signs in from an address of its own as often as it is told to come again; gives how often that was. */
async function comeIn(n: number): Promise<number> {
  const localAddress = `127.0.1.${n + 1}`
  const agent = new Agent({ connect: { rejectUnauthorized: false, localAddress } })
  await using _gone = { [Symbol.asyncDispose]: () => agent.destroy() }
  for (let again = 0; ; again++) {
    const answer = await request(`https://127.0.0.1:${port}/api/session`, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: `person-${n}`, password }),
    })
    const said = (await answer.body.json()) as { code?: string; retryAfter?: number }
    if (answer.statusCode === 200) return again
    if (said.retryAfter === undefined) throw new Unavailable('service.failed', `${said.code}`)
    await wait(said.retryAfter * 1000 + Math.random() * 1000)
  }
}
