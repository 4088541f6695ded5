import { connect, type Socket } from 'node:net'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'

/**
 * A crowd of TCP clients that never become anybody, in a process of their own:
 * `node flood-crowd.js PORT SILENT DRIBBLING`. Says over IPC how long each was held open.
 */
const [port = 0, silent = 0, dribbling = 0] = process.argv.slice(2).map(Number)

const DRIBBLE_MS = 300
/** The head of a TLS record that announces a greeting. */
const GREETING = Buffer.from('16030102000100', 'hex')
const ADDRESSES = 250
/** Whoever was not hung up on by then never is, milliseconds. */
const GIVE_UP_MS = 20_000

export type CrowdResult = {
  /** Milliseconds from the connection to its end; of those never let in, and of the others. */
  turnedAway: number[]
  held: number[]
  left: number
}

const open = new Set<Socket>()
const ages: { age: number; held: boolean }[] = []

function come(i: number, dribbles: boolean): void {
  const begun = performance.now()
  const localAddress = `127.1.${1 + (i % ADDRESSES)}.1`
  const socket = connect({ host: '127.0.0.1', port, localAddress })
  let sent = 0
  const timer = dribbles
    ? setInterval(() => socket.write(GREETING.subarray(sent % 7, (sent++ % 7) + 1)), DRIBBLE_MS)
    : undefined
  open.add(socket)
  socket.on('error', () => {})
  socket.once('close', () => {
    clearInterval(timer)
    open.delete(socket)
    const age = performance.now() - begun
    ages.push({ age, held: age > 1000 })
  })
}

for (let i = 0; i < silent + dribbling; i++) {
  come(i, i >= silent)
  if (i % 50 === 49) await setTimeout(10)
}
const deadline = performance.now() + GIVE_UP_MS
while (open.size > 0 && performance.now() < deadline) await setTimeout(10)
const result: CrowdResult = {
  turnedAway: ages.filter(({ held }) => !held).map(({ age }) => age),
  held: ages.filter(({ held }) => held).map(({ age }) => age),
  left: open.size,
}
process.send?.(result)
for (const socket of open) socket.destroy()
process.disconnect?.()
