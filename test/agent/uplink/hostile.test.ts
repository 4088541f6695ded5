import { encodeEnvelope } from '@vedette/shared/envelope'
import { encodeMessage, type FromAgent, type FromServer } from '@vedette/shared/message'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/agent-deployment.ts'
import { type Call, Hub } from '../../support/agent-hub.ts'
import { outgoing } from '../../support/agent-questions.ts'
import { seeded } from '../../support/agent-random.ts'
import { RunningUplink } from '../../support/agent-uplink.ts'
import { match } from '../../support/shared-messages.ts'

let deployment: Deployment

beforeAll(async () => {
  deployment = await Deployment.found()
})

afterAll(() => deployment[Symbol.asyncDispose]())

const envelope = (message: FromAgent | FromServer) => encodeEnvelope(encodeMessage(message))
const header = (length: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  return bytes
}
const now = 1_763_650_000_000
const welcome = envelope({ type: 'welcome', protocol: 1, session: 's', heartbeat: 15_000, now })
const nested = Buffer.alloc(3000, 0x91)

/** What a server may do to an agent, and what the agent calls it. */
const ATTACKS: [string, Buffer, string][] = [
  ['is a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'envelope.too-large'],
  ['announces four gigabytes', header(0xffffffff), 'envelope.too-large'],
  ['sends an empty envelope', header(0), 'envelope.empty'],
  ['sends an envelope of noise', encodeEnvelope(Buffer.alloc(64, 0xc1)), 'body.reserved-byte'],
  ['nests without end', encodeEnvelope(nested), 'body.too-deep'],
  ['sends a list', encodeEnvelope(Buffer.from([0x90])), 'message.not-a-map'],
  ['speaks as an agent does', envelope(match), 'message.unknown-type'],
  [
    'says what nobody knows',
    encodeEnvelope(Buffer.from('81a474797065a4626f6f6d', 'hex')),
    'message.unknown-type',
  ],
  [
    'leaves half of an acknowledgement out',
    encodeEnvelope(Buffer.from('81a474797065a361636b', 'hex')),
    'message.invalid',
  ],
  [
    'acknowledges a number below zero',
    encodeEnvelope(encodeMessage({ type: 'ack', seq: -1 })),
    'message.invalid',
  ],
]

/** Lets a good server come after, and makes sure that the agent talks with it. */
async function expectRecovery(hub: Hub, uplink: RunningUplink): Promise<void> {
  expect(uplink.state).toBe('waiting')
  uplink.clock.advance(30_000)
  const call = await hub.call()
  await call.welcome()
  const { track, seq } = await call.expect('match')
  expect([track, seq]).toEqual(['t1', 1])
  call.ack(1)
  await call.quiet()
  expect([uplink.state, uplink.outbox.size]).toEqual(['open', 0])
}

async function attacked(attack: (call: Call) => unknown, code: string): Promise<void> {
  await using hub = await Hub.start(deployment.server)
  await using uplink = new RunningUplink(hub, deployment.agent)
  uplink.ask(1)
  const call = await hub.call()
  await call.expect('hello')
  attack(call)
  await call.ended()
  expect(await uplink.clock.sleeping()).toBe(250)
  expect(uplink.endings).toEqual([code])
  await expectRecovery(hub, uplink)
}

describe('Uplink, with a server that, before the welcome,', () => {
  it.each([
    ...ATTACKS,
    ['sends an envelope too large for a stranger', header(4097), 'envelope.too-large'],
    ['acknowledges', envelope({ type: 'ack', seq: 1 }), 'session.out-of-order'],
    ['pings', envelope({ type: 'ping', n: 1 }), 'session.out-of-order'],
    [
      'raises an alert',
      envelope({ type: 'alert', id: 'a', camera: 'c', name: 'n', list: 'l', capturedAt: now }),
      'session.out-of-order',
    ],
  ] as const)('%s, is left and dialled again', async (_what, bytes, code) => {
    await attacked((call) => call.socket.write(bytes), code)
  })

  it('hangs up, is left and dialled again', async () => {
    await attacked((call) => call.socket.end(), 'uplink.refused')
  })

  it('stops in the middle of an envelope, is left and dialled again', async () => {
    await attacked((call) => call.socket.end(welcome.subarray(0, 9)), 'envelope.truncated')
  })

  it('dies, is left and dialled again', async () => {
    await attacked((call) => call.die(), 'uplink.refused')
  })
})

describe('Uplink, with a server that, after the welcome,', () => {
  it.each([
    ...ATTACKS,
    ['announces more than a welcome server may', header(256 * 1024 + 1), 'envelope.too-large'],
    ['welcomes again', welcome, 'session.out-of-order'],
  ] as const)('%s, is left and dialled again', async (_what, bytes, code) => {
    await attacked((call) => call.socket.write(Buffer.concat([welcome, bytes])), code)
  })

  it('stops in the middle of an envelope, is left and dialled again', async () => {
    const half = envelope({ type: 'ack', seq: 1 }).subarray(0, 6)
    await attacked((call) => call.socket.end(Buffer.concat([welcome, half])), 'envelope.truncated')
  })

  it('hangs up without a goodbye, is left and dialled again', async () => {
    await attacked((call) => call.socket.end(welcome), 'goodbye.none')
  })

  it('sends bytes at random, never ends the agent', async () => {
    const random = seeded(77)
    await using hub = await Hub.start(deployment.server)
    await using uplink = new RunningUplink(hub, deployment.agent)
    for (let run = 0; run < 25; run++) {
      const call = await hub.call()
      await call.expect('hello')
      const noise = Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)))
      const length = Math.floor(random() * 190)
      noise.writeUInt32BE(length, 0)
      call.socket.end(random() < 0.5 ? Buffer.concat([welcome, noise]) : noise)
      await call.ended()
      await uplink.clock.pass()
    }
    expect(uplink.endings).toHaveLength(25)
    expect(uplink.endings).not.toContain('internal')
  })

  it.each([
    ['dies', (call: Call) => call.die(), 'ECONNRESET'],
    ['sends noise', (call: Call) => call.socket.write(header(0)), 'envelope.empty'],
  ])(
    '%s while large questions wait to be sent, is left and dialled again',
    async (_what, attack, code) => {
      await using hub = await Hub.start(deployment.server)
      await using uplink = new RunningUplink(hub, deployment.agent)
      const picture = new Uint8Array(60_000)
      for (let n = 1; n <= 300; n++) uplink.outbox.add(outgoing(n, { picture }))
      for (let run = 0; run < 5; run++) {
        const call = await hub.call()
        await call.welcome()
        await call.matches(1)
        attack(call)
        await uplink.clock.pass()
      }
      expect(new Set(uplink.endings)).toEqual(new Set([code]))
      const call = await hub.call()
      await call.welcome()
      expect((await call.matches(3)).map(({ track }) => track)).toEqual(['t1', 't2', 't3'])
      expect(uplink.outbox.size).toBe(300)
    },
  )

  it('reads nothing is left when it does not answer, whatever waits to be sent', async () => {
    await using hub = await Hub.start(deployment.server)
    await using uplink = new RunningUplink(hub, deployment.agent)
    const picture = new Uint8Array(60_000)
    for (let n = 1; n <= 300; n++) uplink.outbox.add(outgoing(n, { picture }))
    const call = await hub.call()
    await call.welcome()
    await call.matches(1)
    for (let beat = 0; beat < 3; beat++) uplink.clock.advance(15_000)
    expect(await uplink.clock.sleeping()).toBe(250)
    expect(uplink.endings).toEqual(['uplink.silent'])
    await call.ended()
  })
})
