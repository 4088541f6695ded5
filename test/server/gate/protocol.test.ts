import type { Probe } from '@vedette/server/probe'
import { encodeEmbedding, normalise } from '@vedette/shared/embedding'
import { encodeEnvelope, STRANGER_LIMIT, WELCOME_LIMIT } from '@vedette/shared/envelope'
import { encodeMessage, type FromAgent, type GoodbyeReason } from '@vedette/shared/message'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { helloOf, matchOf, type ScriptedAgent } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'
import { jpegHeader } from '../../support/server-jpeg.ts'
import { fixstr, headed, hex, nested } from '../../support/shared-msgpack.ts'

const deployment = await Deployment.found()
const one = encodeEmbedding(normalise(new Float32Array(128).fill(1)))

let door: TestGate
let bystander: ScriptedAgent

beforeEach(async () => {
  door = await TestGate.open(deployment)
  bystander = await door.welcome('bystander')
})

afterEach(async () => {
  bystander.socket.destroy()
  await door[Symbol.asyncDispose]()
})

afterAll(() => deployment[Symbol.asyncDispose]())

/** Floats at given places of an otherwise good probe. */
function probeWith(changes: Record<number, number>): Uint8Array {
  const bytes = Buffer.from(one)
  for (const [at, value] of Object.entries(changes)) bytes.writeFloatLE(value, Number(at) * 4)
  return bytes
}

const scaled = (by: number) =>
  encodeEmbedding(normalise(new Float32Array(128).fill(1)).map((x) => x * by))

/** The session is over with that reason, nothing came of it, and nobody else has noticed. */
async function expectCut(agent: ScriptedAgent, code: string, probes = 0): Promise<void> {
  const heard = await agent.ended()
  expect(heard.at(-1)).toEqual({ type: 'goodbye', reason: 'protocol' } satisfies FromAgent)
  expect(heard.filter(({ type }) => type === 'goodbye')).toHaveLength(1)
  expect(await door.book.line('agent.cut')).toMatchObject({ agent: 'gate-7', code })
  await bystander.settled()
  expect(door.gate.sessions.connected).toEqual(['bystander'])
  expect(door.probes).toHaveLength(probes)
}

describe('before it is welcome, an agent is cut off for', () => {
  it.each<[string, FromAgent]>([
    ['a question', matchOf(1)],
    ['a ping', { type: 'ping', n: 1 }],
    ['a pong', { type: 'pong', n: 1 }],
    ['a goodbye', { type: 'goodbye', reason: 'shutdown' }],
  ])('%s in the place of hello', async (_what, message) => {
    using agent = await door.dial()
    agent.say(message)
    await expectCut(agent, 'session.out-of-order')
    expect(door.welcomed.map(({ name }) => name)).toEqual(['bystander'])
  })

  it.each([
    ['one byte more than a stranger may send', STRANGER_LIMIT + 1],
    ['what an agent may send when it is welcome', WELCOME_LIMIT],
    ['four thousand megabytes', 2 ** 32 - 1],
  ])('an envelope that announces %s', async (_what, length) => {
    using agent = await door.dial()
    const head = Buffer.alloc(4)
    head.writeUInt32BE(length)
    agent.write(head)
    await expectCut(agent, 'envelope.too-large')
  })

  it('an answer that only servers give', async () => {
    using agent = await door.dial()
    agent.write(encodeEnvelope(encodeMessage({ type: 'ack', seq: 1 })))
    await expectCut(agent, 'message.unknown-type')
  })
})

describe('a hello that is not understood is answered with why:', () => {
  it.each<[string, object, GoodbyeReason]>([
    ['another embedding space', { model: 'other-space' }, 'model'],
    ['an older protocol', { protocol: 0 }, 'version'],
    ['a newer protocol', { protocol: 3 }, 'version'],
    ['both', { protocol: 3, model: 'other-space' }, 'version'],
  ])('%s', async (_what, more, reason) => {
    using agent = await door.dial()
    agent.say(helloOf(more))
    expect(await agent.ended()).toEqual([{ type: 'goodbye', reason }])
    expect(await door.book.line('agent.left')).toMatchObject({ agent: 'gate-7', reason })
    expect(door.gate.sessions.connected).toEqual(['bystander'])
    expect(door.welcomed).toHaveLength(1)
  })
})

describe('once welcome, an agent is cut off for', () => {
  it.each<[string, FromAgent[], string]>([
    ['a second hello', [helloOf()], 'session.out-of-order'],
    ['a number said twice', [matchOf(5), matchOf(5)], 'session.sequence'],
    ['a number that falls', [matchOf(5), matchOf(4)], 'session.sequence'],
    ['a camera it has not', [matchOf(1, { camera: 'attic' })], 'session.unknown-camera'],
    [
      'a probe with NaN',
      [matchOf(1, { probe: probeWith({ 7: Number.NaN }) })],
      'embedding.not-finite',
    ],
    [
      'a probe with infinity',
      [matchOf(1, { probe: probeWith({ 0: -Infinity }) })],
      'embedding.not-finite',
    ],
    ['a probe that is short', [matchOf(1, { probe: one.subarray(4) })], 'embedding.wrong-length'],
    ['a probe that is long', [matchOf(1, { probe: Buffer.alloc(516) })], 'embedding.wrong-length'],
    ['no probe', [matchOf(1, { probe: Buffer.alloc(0) })], 'embedding.wrong-length'],
    ['a probe of noughts', [matchOf(1, { probe: Buffer.alloc(512) })], 'embedding.not-unit'],
    ['a probe of length 1.002', [matchOf(1, { probe: scaled(1.002) })], 'embedding.not-unit'],
    ['a probe of length 0.998', [matchOf(1, { probe: scaled(0.998) })], 'embedding.not-unit'],
    ['a probe of length a million', [matchOf(1, { probe: scaled(1e6) })], 'embedding.not-unit'],
    ['a probe whose length overflows', [matchOf(1, { probe: scaled(3e38) })], 'embedding.not-unit'],
    ['a chip that is no JPEG', [matchOf(1, { chip: Buffer.from('GIF89a') })], 'chip.not-jpeg'],
    ['no chip', [matchOf(1, { chip: Buffer.alloc(0) })], 'chip.not-jpeg'],
    ['a chip of 513 pixels', [matchOf(1, { chip: jpegHeader(513, 9) })], 'chip.too-large'],
    [
      'a chip of 65,537 bytes',
      [matchOf(1, { chip: Buffer.alloc(65_537) })],
      'body.binary-too-long',
    ],
    ['a time before time', [matchOf(1, { capturedAt: -1 })], 'message.invalid'],
    ['a box of no size', [matchOf(1, { box: [0, 0, 0, 9] })], 'message.invalid'],
    ['a quality above 1', [matchOf(1, { quality: 1.1 })], 'message.invalid'],
    ['a track without a name', [matchOf(1, { track: '' })], 'message.invalid'],
  ])('%s', async (_what, messages, code) => {
    using agent = await door.welcome()
    agent.say(...messages)
    await expectCut(agent, code, messages.length - 1)
  })

  it('a number that falls behind even after a ping', async () => {
    using agent = await door.welcome()
    agent.say(matchOf(9))
    await agent.settled()
    agent.say(matchOf(0))
    await expectCut(agent, 'session.sequence', 1)
  })

  it.each([
    ['an envelope above the limit', sizedHead(WELCOME_LIMIT + 1), 'envelope.too-large'],
    ['an empty envelope', Buffer.alloc(4), 'envelope.empty'],
    ['an array in the place of a message', encodeEnvelope(hex('90')), 'message.not-a-map'],
    [
      'a message of an unknown type',
      encodeEnvelope(hex('81 a474797065 a3666f6f')),
      'message.unknown-type',
    ],
  ])('%s', async (_what, bytes, code) => {
    using agent = await door.welcome()
    agent.write(bytes)
    await expectCut(agent, code)
  })

  it('leaving in the middle of an envelope', async () => {
    using agent = await door.welcome()
    agent.write(encodeEnvelope(encodeMessage(matchOf(1))).subarray(0, 100))
    agent.socket.end()
    await agent.ended()
    expect(await door.book.line('agent.cut')).toMatchObject({ code: 'envelope.truncated' })
    expect(door.gate.sessions.connected).toEqual(['bystander'])
  })
})

/** Fifty bytes of these have killed a process of a gigabyte. */
const BOMBS: [string, Buffer, string][] = [
  ['an array of 2³² elements', headed(0xdd, 4, 0xffffffff), 'body.too-many-elements'],
  [
    'nested arrays of 33 million',
    Buffer.concat(new Array(10).fill(hex('dd 01ffffff'))),
    'body.too-many-elements',
  ],
  ['a map of 2³² keys', headed(0xdf, 4, 0xffffffff), 'body.too-many-elements'],
  ['a map of 65,535 keys', headed(0xde, 2, 0xffff), 'body.too-many-elements'],
  ['a string of 4 GB', headed(0xdb, 4, 0xffffffff), 'body.string-too-long'],
  ['a binary of 4 GB', headed(0xc6, 4, 0xffffffff), 'body.binary-too-long'],
  ['a binary that is not there', headed(0xc5, 2, 60_000), 'body.truncated'],
  ['arrays 100,000 deep', nested(100_000), 'body.too-deep'],
  ['arrays 9 deep', nested(9), 'body.too-deep'],
  ['an extension', hex('d4 01 00'), 'body.extension'],
  ['a timestamp', hex('d6 ff 00000000'), 'body.extension'],
  ['the byte that is never used', hex('c1'), 'body.reserved-byte'],
  [
    'a number beyond 2⁵³',
    Buffer.concat([hex('81'), fixstr('n'), hex('cf ffffffffffffffff')]),
    'body.unsafe-integer',
  ],
  ['NaN', Buffer.concat([hex('81'), fixstr('n'), hex('cb 7ff8000000000000')]), 'body.not-finite'],
  [
    'a key given twice',
    Buffer.concat([hex('82'), fixstr('n'), hex('01'), fixstr('n'), hex('02')]),
    'body.duplicate-key',
  ],
  ['__proto__', Buffer.concat([hex('81'), fixstr('__proto__'), hex('80')]), 'body.bad-key'],
  ['constructor', Buffer.concat([hex('81'), fixstr('constructor'), hex('80')]), 'body.bad-key'],
  ['bytes behind the message', Buffer.concat([hex('80'), hex('80')]), 'body.trailing-bytes'],
  [
    'text that is not UTF-8',
    Buffer.concat([hex('81'), fixstr('n'), hex('a2 c328')]),
    'body.not-utf8',
  ],
]

describe('a bomb of msgpack ends its own session and nothing else:', () => {
  const places = ['before welcome', 'after welcome'] as const

  it.each(BOMBS.flatMap((bomb) => places.map((place) => [...bomb, place] as const)))(
    '%s',
    async (_what, body, code, place) => {
      const welcome = place === 'after welcome'
      using agent = await (welcome ? door.welcome() : door.dial())
      const started = performance.now()
      agent.write(encodeEnvelope(body))
      const expected = !welcome && body.length > STRANGER_LIMIT ? 'envelope.too-large' : code
      await expectCut(agent, expected)
      expect(performance.now() - started).toBeLessThan(2000)
      expect(Object.keys(Object.prototype)).toEqual([])
    },
  )
})

describe('what is well-formed at the edge is taken:', () => {
  it.each<[string, FromAgent]>([
    ['numbers with gaps', matchOf(4_000_000)],
    [
      'the largest chip',
      matchOf(1, { chip: Buffer.concat([jpegHeader(512, 512), Buffer.alloc(65_000)]) }),
    ],
    ['a probe of length 1.0009', matchOf(1, { probe: scaled(1.0009) })],
  ])('%s', async (_what, message) => {
    using agent = await door.welcome()
    agent.say(matchOf(0), message)
    await door.probed(2)
    expect(door.book.of('agent.cut')).toEqual([])
  })

  it('a probe is normalised again, so that its length cannot raise a score', async () => {
    using agent = await door.welcome()
    agent.say(matchOf(1, { probe: scaled(1.0009) }))
    await door.probed(1)
    const [{ probe }] = door.probes as [Probe]
    expect(Math.hypot(...probe)).toBeCloseTo(1, 6)
  })

  it('a question says who asked, by certificate and not by word', async () => {
    using agent = await door.welcome('gate-8')
    agent.say(matchOf(1, { track: 'walk', camera: 'south' }))
    await door.probed(1)
    expect(door.probes[0]).toMatchObject({
      agent: 'gate-8',
      camera: 'south',
      track: 'walk',
      receivedAt: door.clock.now(),
    })
  })
})

function sizedHead(length: number): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(length)
  return head
}
