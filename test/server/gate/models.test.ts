import type { Probe } from '@vedette/server/probe'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { PROTOCOL } from '@vedette/shared/message'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { matchOf, SPACE } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'
import { scattered } from '../../support/server-vectors.ts'

const FILE = Buffer.alloc(1000, 'model')
const OTHER = 'other-space'
const LENGTHS: Record<string, number> = { [SPACE]: 128, [OTHER]: 64 }

let deployment: Deployment
let door: TestGate
/** The space that agents should speak. */
let wanted: string

beforeAll(async () => {
  deployment = await Deployment.found()
})

beforeEach(async () => {
  wanted = OTHER
  door = await TestGate.open(deployment, {
    lengthOf: (space) => LENGTHS[space],
    offer: () => ({
      space: wanted,
      row: Buffer.from(wanted),
      sha256: 'a'.repeat(64),
      piece: async (offset) =>
        offset < FILE.length ? FILE.subarray(offset, offset + 400) : undefined,
    }),
  })
})

afterEach(() => door[Symbol.asyncDispose]())
afterAll(() => deployment[Symbol.asyncDispose]())

const probeOf = (length: number) => encodeEmbedding(scattered(1, length, seeded(3))[0]!)
const asked = ({ space, probe }: Probe) => [space, probe.length]

describe('an agent that speaks another space than it should', () => {
  it('is welcome, told which model to fetch, and gets it piece by piece', async () => {
    using agent = await door.welcome()
    expect(Buffer.from((await agent.hears('model')).row).toString()).toBe(OTHER)
    const sha256 = 'a'.repeat(64)
    agent.say(
      { type: 'fetch', sha256, offset: 0 },
      { type: 'fetch', sha256, offset: 400 },
      { type: 'fetch', sha256, offset: 800 },
    )
    const pieces = [0, 1, 2].map((nth) => agent.hears('piece', nth))
    const data = (await Promise.all(pieces)).map((piece) => piece.data)
    expect(Buffer.concat(data).equals(FILE)).toBe(true)
  })

  it('gets nothing of a file that is not offered, and nothing beyond its end', async () => {
    using agent = await door.welcome()
    agent.say(
      { type: 'fetch', sha256: 'b'.repeat(64), offset: 0 },
      { type: 'fetch', sha256: 'a'.repeat(64), offset: 1000 },
      { type: 'fetch', sha256: 'a'.repeat(64), offset: Number.MAX_SAFE_INTEGER },
    )
    await agent.settled()
    expect(agent.heard.filter(({ type }) => type === 'piece')).toEqual([])
  })

  it('is told at the switch when it is connected', async () => {
    wanted = SPACE
    using agent = await door.welcome()
    await agent.settled()
    expect(agent.heard.filter(({ type }) => type === 'model')).toEqual([])
    wanted = OTHER
    door.gate.sessions.offerModel()
    expect(Buffer.from((await agent.hears('model')).row).toString()).toBe(OTHER)
    expect(door.gate.sessions.spoken).toEqual(new Map([['gate-7', SPACE]]))
  })

  it('is refused where its space is not spoken here', async () => {
    using agent = await door.dial()
    agent.say({
      type: 'hello',
      protocol: PROTOCOL,
      software: 'test/1',
      model: 'unknown',
      cameras: [],
      announce: false,
      sentAt: 1,
    })
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'model' })
  })
})

describe('a question', () => {
  it('is searched in the space of the hello, or in the one that it names', async () => {
    using agent = await door.welcome()
    agent.say(matchOf(1), matchOf(2, { space: OTHER, probe: probeOf(64) }))
    await door.probed(2)
    expect(door.probes.map(asked)).toEqual([
      [SPACE, 128],
      [OTHER, 64],
    ])
  })

  it('of a space that is given up is acknowledged, and nothing comes of it', async () => {
    using agent = await door.welcome()
    agent.say(matchOf(1, { space: 'given-up', probe: probeOf(32) }))
    await agent.settled()
    door.clock.advance(40)
    expect(await agent.hears('ack')).toEqual({ type: 'ack', seq: 1 })
    expect(door.probes).toEqual([])
  })

  it('in the length of another space cuts the agent off', async () => {
    using agent = await door.welcome()
    agent.say(matchOf(1, { space: OTHER, probe: probeOf(128) }))
    await agent.ended()
    expect(await door.book.line('agent.cut')).toMatchObject({ code: 'embedding.wrong-length' })
  })
})
