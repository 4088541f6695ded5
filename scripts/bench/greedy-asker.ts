import { once } from 'node:events'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { connect } from 'node:tls'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { Channel } from '@vedette/shared/channel'
import { encodeEmbedding } from '@vedette/shared/embedding'
import {
  BUSY_SINCE,
  type FromAgent,
  type FromServer,
  parseFromServer,
} from '@vedette/shared/message'
import { type Credentials, dialOptions } from '@vedette/shared/tls'
import { facelike, seeded } from './measure.ts'

/**
 * Agents that ask so often in a second, whatever they are told, in a process of their own:
 * `node greedy-asker.js PORT`. Gets its task over IPC and says what came of it.
 */
const port = Number(process.argv[2])

export type AskerTask = {
  credentials: Credentials[]
  perSecond: number
  seconds: number
  /** JPEG, base64. */
  chip: string
}
/** Milliseconds until each was acknowledged, and how many were asked and sent back. */
export type AskerResult = { taken: number[]; asked: number; busied: number; goodbyes: string[] }

const result: AskerResult = { taken: [], asked: 0, busied: 0, goodbyes: [] }
const probes = facelike(64, 128, seeded(9)).map((probe) => encodeEmbedding(probe))

async function ask(mine: Credentials, task: AskerTask): Promise<void> {
  const options = dialOptions(mine, { role: 'server' })
  const socket = connect({ ...options, host: '127.0.0.1', port })
  socket.setNoDelay(true)
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  const channel = new Channel<FromServer, FromAgent>(socket, parseFromServer)
  const about = { software: 'vedette/bench', model: DEFAULT_MODELS.embedder, announce: false }
  const hello = { type: 'hello' as const, protocol: BUSY_SINCE, cameras: ['north'], ...about }
  channel.post({ ...hello, sentAt: Date.now() })
  const messages = channel.messages()
  await messages.next()
  channel.welcome()
  const sentAt = new Map<number, number>()
  // Where the server hangs up, what it was in the middle of is cut off.
  const listening = listen(messages, sentAt).catch(() => {})
  const chip = Buffer.from(task.chip, 'base64')
  const begun = performance.now() + (Math.random() * 1000) / task.perSecond
  const end = begun + task.seconds * 1000
  for (let seq = 0; performance.now() < end && !socket.destroyed; seq++) {
    const due = begun + (seq * 1000) / task.perSecond - performance.now()
    if (due > 1) await setTimeout(due)
    sentAt.set(seq, performance.now())
    result.asked++
    const sent = channel.send({
      type: 'match',
      seq,
      camera: 'north',
      track: `track-${seq}`,
      shot: 0,
      capturedAt: Date.now(),
      probe: probes[seq % probes.length]!,
      box: [10, 10, 80, 80],
      quality: 0.9,
      chip,
    })
    // A server that reads no more must not keep it from ending in time.
    await Promise.race([sent, setTimeout(Math.max(0, end - performance.now()))])
  }
  await setTimeout(500)
  await channel.close({ type: 'goodbye', reason: 'shutdown' })
  await listening
}

async function listen(
  messages: AsyncGenerator<FromServer, void>,
  sentAt: ReadonlyMap<number, number>,
): Promise<void> {
  for await (const message of messages) {
    if (message.type === 'busy') result.busied++
    if (message.type === 'goodbye') result.goodbyes.push(message.reason)
    if (message.type === 'ack') result.taken.push(performance.now() - sentAt.get(message.seq)!)
  }
}

process.once('message', async (task: AskerTask) => {
  await Promise.all(task.credentials.map((mine) => ask(mine, task)))
  process.send?.(result)
})
process.once('disconnect', () => process.exit())
