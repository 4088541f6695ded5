import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Channel } from '@vedette/shared/channel'
import { encodeEnvelope } from '@vedette/shared/envelope'
import { ProtocolFault } from '@vedette/shared/errors'
import {
  encodeMessage,
  type FromAgent,
  type FromServer,
  parseFromAgent,
  parseFromServer,
} from '@vedette/shared/message'
import { describe, expect, it } from 'vitest'
import { agentMessages, match, serverMessages } from '../support/shared-messages.ts'
import { hex } from '../support/shared-msgpack.ts'
import { socketPair } from '../support/shared-sockets.ts'
import { rejectionOf } from '../support/thrown.ts'

type AgentEnd = Channel<FromServer, FromAgent>
type ServerEnd = Channel<FromAgent, FromServer>

async function openPair() {
  const sockets = await socketPair()
  const agent: AgentEnd = new Channel(sockets.near, parseFromServer)
  const server: ServerEnd = new Channel(sockets.far, parseFromAgent)
  return { ...sockets, agent, server }
}

async function readAll<M extends FromAgent | FromServer>(
  messages: AsyncIterable<M>,
): Promise<string[]> {
  const read: string[] = []
  for await (const message of messages) read.push(message.type)
  return read
}

/** Sends until the peer, which does not read, has fallen behind. */
function fill(agent: AgentEnd): void {
  const big = { ...match, chip: new Uint8Array(60_000) }
  for (let i = 0; i < 1000; i++) if (!agent.post(big) && agent.backlog > 4 << 20) return
  expect.fail('the sockets swallowed 60 MB')
}

const closed = (socket: Socket) => (socket.closed ? undefined : once(socket, 'close'))

describe('Channel', () => {
  it('carries every message both ways, in order', async () => {
    await using pair = await openPair()
    const { agent, server } = pair
    for (const message of agentMessages) await agent.send(message)
    for (const message of serverMessages) await server.send(message)
    const closing = [agent.close(), server.close()]
    expect(await readAll(server.messages())).toEqual(agentMessages.map(({ type }) => type))
    expect(await readAll(agent.messages())).toEqual(serverMessages.map(({ type }) => type))
    await Promise.all(closing)
  })

  it('keeps the order of ten thousand messages', async () => {
    await using pair = await openPair()
    const sending = (async () => {
      for (let n = 0; n < 10_000; n++) await pair.agent.send({ type: 'ping', n })
      await pair.agent.close()
    })()
    let expected = 0
    for await (const message of pair.server.messages()) {
      if (message.type !== 'ping' || message.n !== expected++) expect.fail(`after ${expected}`)
    }
    expect(expected).toBe(10_000)
    await sending
  })

  it('makes the sender wait while the peer does not read, and loses nothing', async () => {
    await using pair = await openPair()
    fill(pair.agent)
    let sent = false
    const sending = pair.agent.send({ type: 'goodbye', reason: 'shutdown' }).then(() => {
      sent = true
    })
    await new Promise(setImmediate)
    expect(sent).toBe(false)
    pair.server.welcome()
    let last = ''
    for await (const message of pair.server.messages()) {
      last = message.type
      if (last === 'goodbye') break
    }
    await sending
    expect(last).toBe('goodbye')
    expect(pair.agent.backlog).toBe(0)
  })

  it('lets a sender go when the stream closes under it', async () => {
    await using pair = await openPair()
    fill(pair.agent)
    const sending = pair.agent.send({ type: 'ping', n: 1 })
    pair.near.destroy()
    await sending
    await pair.agent.send({ type: 'ping', n: 2 })
  })

  it('tells a waiting sender when the stream breaks', async () => {
    await using pair = await openPair()
    fill(pair.agent)
    const sending = pair.agent.send({ type: 'ping', n: 1 })
    pair.near.destroy(new RangeError('broken'))
    expect((await rejectionOf(sending, RangeError)).message).toBe('broken')
  })

  it('lifts the limit for strangers within one chunk', async () => {
    await using pair = await openPair()
    const big = { ...match, chip: new Uint8Array(60_000) }
    const bodies = [agentMessages[0]!, big].map((message) => encodeEnvelope(encodeMessage(message)))
    pair.near.end(Buffer.concat(bodies))
    const read: string[] = []
    for await (const { type } of pair.server.messages()) {
      read.push(type)
      pair.server.welcome()
    }
    expect(read).toEqual(['hello', 'match'])
  })

  it.each([
    ['a stranger sends a long body', Buffer.alloc(4, 0x01), 'envelope.too-large'],
    ['an envelope is empty', Buffer.alloc(4), 'envelope.empty'],
    ['a body is not msgpack', encodeEnvelope(hex('c1')), 'body.reserved-byte'],
    ['a body is no message', encodeEnvelope(hex('90')), 'message.not-a-map'],
    ['a server speaks as an agent', ofServer(), 'message.unknown-type'],
  ])('throws ProtocolFault and destroys the stream where %s', async (_what, bytes, code) => {
    await using pair = await openPair()
    pair.near.write(bytes)
    const error = await rejectionOf(readAll(pair.server.messages()), ProtocolFault)
    expect(error.code).toBe(code)
    expect(pair.far.destroyed).toBe(true)
    await closed(pair.near)
  })

  it('gives what came before a fault', async () => {
    await using pair = await openPair()
    await pair.agent.send({ type: 'ping', n: 1 })
    pair.near.write(Buffer.alloc(4))
    const read: FromAgent[] = []
    const reading = (async () => {
      for await (const message of pair.server.messages()) read.push(message)
    })()
    await rejectionOf(reading, ProtocolFault)
    expect(read).toEqual([{ type: 'ping', n: 1 }])
  })

  it('says that the stream ended inside an envelope', async () => {
    await using pair = await openPair()
    pair.near.end(encodeEnvelope(encodeMessage(match)).subarray(0, 50))
    const error = await rejectionOf(readAll(pair.server.messages()), ProtocolFault)
    expect(error.code).toBe('envelope.truncated')
  })

  it('throws the error that broke the stream', async () => {
    await using pair = await openPair()
    const reading = readAll(pair.server.messages())
    pair.far.destroy(new RangeError('broken'))
    expect((await rejectionOf(reading, RangeError)).message).toBe('broken')
  })

  it('destroys the stream when the reader leaves', async () => {
    await using pair = await openPair()
    await pair.agent.send({ type: 'ping', n: 1 })
    for await (const _message of pair.server.messages()) break
    expect(pair.far.destroyed).toBe(true)
  })

  it('says the last word before it ends', async () => {
    await using pair = await openPair()
    const reading = readAll(pair.agent.messages())
    const serving = readAll(pair.server.messages())
    await pair.server.close({ type: 'goodbye', reason: 'replaced' })
    expect(await reading).toEqual(['goodbye'])
    expect(await serving).toEqual([])
    expect(pair.far.destroyed).toBe(true)
  })

  it('ends within its grace when the peer does not read', async () => {
    await using pair = await openPair()
    fill(pair.agent)
    const start = performance.now()
    await pair.agent.close({ type: 'goodbye', reason: 'slow' }, 20)
    expect(pair.near.destroyed).toBe(true)
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('may be closed twice, and after the peer has gone', async () => {
    await using pair = await openPair()
    const reading = readAll(pair.agent.messages())
    await Promise.all([pair.agent.close(undefined, 20), pair.agent.close(undefined, 20)])
    await pair.agent.close()
    await reading
    expect(pair.agent.post({ type: 'ping', n: 1 })).toBe(true)
  })
})

function ofServer(): Buffer {
  return encodeEnvelope(encodeMessage({ type: 'ack', seq: 1 }))
}
