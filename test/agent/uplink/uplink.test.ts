import { roomFor } from '@vedette/agent/outbox/file'
import { decodeEmbedding } from '@vedette/shared/embedding'
import {
  type AlertNotice,
  encodeMessage,
  type FromAgent,
  type Match,
  PROTOCOL,
} from '@vedette/shared/message'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/agent-deployment.ts'
import { Hub } from '../../support/agent-hub.ts'
import { outgoing, question } from '../../support/agent-questions.ts'
import { seeded } from '../../support/agent-random.ts'
import { settle } from '../../support/agent-sources.ts'
import { RunningUplink, type UplinkOverrides } from '../../support/agent-uplink.ts'
import { eventually } from '../../support/until.ts'

let deployment: Deployment

beforeAll(async () => {
  deployment = await Deployment.found()
})

afterAll(() => deployment[Symbol.asyncDispose]())

const startHub = () => Hub.start(deployment.server)
const dial = (hub: Hub, overrides: UplinkOverrides = {}) =>
  new RunningUplink(hub, deployment.agent, overrides)
const tracks = (matches: readonly Match[]) => matches.map(({ track }) => track)
const named = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `t${from + i}`)

describe('Uplink', () => {
  it('says hello first: who it is, what it speaks, which cameras it has', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    const call = await hub.call()
    expect(await call.next()).toEqual({
      type: 'hello',
      protocol: PROTOCOL,
      software: 'vedette/test',
      model: 'dlib-resnet29-1',
      cameras: ['gate-north', 'gate-south'],
      announce: false,
      outbox: { stream: uplink.outbox.stream, first: 1 },
      sentAt: uplink.clock.now(),
    })
    expect(uplink.state).toBe('greeting')
  })

  it('asks nothing before it is welcome', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(3)
    const call = await hub.call()
    await call.expect('hello')
    await settle()
    expect(call.socket.readableLength).toBe(0)
    call.greet()
    expect(tracks(await call.matches(3))).toEqual(['t1', 't2', 't3'])
    expect(uplink.state).toBe('open')
  })

  it('says of a question in which space it was asked, where the hello says another', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.outbox.add(outgoing(1, { space: 'an-older-space' }))
    const call = await hub.call()
    await call.welcome()
    expect(await call.expect('match')).toMatchObject({ track: 't1', space: 'an-older-space' })
  })

  it('hands on the model that the server offers, and asks for its pieces', async () => {
    await using hub = await startHub()
    const sha256 = 'a'.repeat(64)
    const pieces: number[] = []
    await using _uplink = dial(hub, {
      models: {
        offered: async (row, ask) => ask({ type: 'fetch', sha256, offset: row.length }),
        piece: async ({ offset }, ask) => {
          pieces.push(offset)
          ask({ type: 'fetch', sha256, offset: offset + 1 })
        },
      },
    })
    const call = await hub.call()
    await call.welcome()
    call.say({ type: 'model', row: Buffer.from('{}') })
    expect(await call.expect('fetch')).toEqual({ type: 'fetch', sha256, offset: 2 })
    call.say({ type: 'piece', sha256, offset: 2, data: Buffer.from('x') })
    expect(await call.expect('fetch')).toMatchObject({ offset: 3 })
    expect(pieces).toEqual([2])
  })

  it('sends each question whole', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(1)
    const call = await hub.call()
    await call.welcome()
    const { probe, chip, ...rest } = await call.expect('match')
    const { space: _ofHello, probe: asked, picture, ...others } = question(1)
    expect(rest).toEqual({ type: 'match', seq: 1, ...others })
    expect(decodeEmbedding(probe, 128)).toEqual(asked)
    expect(Buffer.from(chip)).toEqual(Buffer.from(picture))
  })

  it('numbers the questions strictly upwards, and asks as they come', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    const call = await hub.call()
    await call.welcome()
    for (let n = 1; n <= 100; n++) {
      uplink.ask(1)
      const match = await call.expect('match')
      expect([match.seq, match.track]).toEqual([n, `t${n}`])
      call.ack(n)
    }
    await eventually(() => expect(uplink.outbox.size).toBe(0))
  })

  it('has at most 32 questions in flight, and sends one more for each that is done with', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(100)
    const call = await hub.call()
    await call.welcome()
    expect(tracks(await call.matches(32))).toEqual(named(1, 32))
    await call.quiet()
    call.ack(1)
    expect(tracks(await call.matches(1))).toEqual(['t33'])
    await call.quiet()
    for (const seq of [5, 3, 33]) call.ack(seq)
    expect(tracks(await call.matches(3))).toEqual(named(34, 36))
    await call.quiet()
    expect(uplink.outbox.size).toBe(96)
  })

  it('settles nothing by an answer to what it did not ask', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(2)
    const call = await hub.call()
    await call.welcome()
    await call.matches(2)
    for (const seq of [0, 3, 2 ** 40]) call.ack(seq)
    await call.quiet()
    expect([uplink.outbox.size, uplink.state]).toEqual([2, 'open'])
    for (const seq of [1, 1]) call.ack(seq)
    await call.quiet()
    expect(uplink.outbox.size).toBe(1)
  })

  it('asks again on the next connection what was not done with, in the same order', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(6)
    const first = await hub.call()
    await first.welcome()
    await first.matches(6)
    for (const seq of [1, 2, 4]) first.ack(seq)
    await first.quiet()
    first.die()
    await uplink.clock.pass()
    const second = await hub.call()
    await second.welcome()
    const again = await second.matches(3)
    expect(tracks(again)).toEqual(['t3', 't5', 't6'])
    expect(again.map(({ seq }) => seq)).toEqual([3, 5, 6])
    for (const { seq } of again) second.ack(seq)
    await second.quiet()
    expect(uplink.outbox.size).toBe(0)
  })

  it('takes no answer to what was not asked on its own connection', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(3)
    const first = await hub.call()
    await first.welcome()
    await first.matches(3)
    first.ack(1)
    await first.quiet()
    first.die()
    await uplink.clock.pass()
    const second = await hub.call()
    await second.welcome()
    await second.matches(2)
    for (const seq of [1, 4]) second.ack(seq)
    await second.quiet()
    expect(uplink.outbox.size).toBe(2)
  })

  it('loses nothing and reorders nothing over a server that keeps dying', async () => {
    const random = seeded(21)
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(120)
    const done = new Set<string>()
    while (uplink.outbox.size > 0) {
      const call = await hub.call()
      await call.welcome()
      const seen: Match[] = []
      const lives = Math.min(1 + Math.floor(random() * 40), uplink.outbox.size)
      while (seen.length < lives) {
        const match = await call.expect('match')
        seen.push(match)
        if (random() < 0.8) {
          call.ack(match.seq)
          done.add(match.track)
        }
      }
      expect(seen.map(({ seq, track }) => `t${seq}` === track)).not.toContain(false)
      const order = seen.map(({ track }) => Number(track.slice(1)))
      expect(order).toEqual(order.toSorted((p, q) => p - q))
      // What was said to be done with arrives before the end.
      if (uplink.outbox.size > 0) await call.heard()
      call.die()
      if (uplink.outbox.size > 0) await uplink.clock.pass()
    }
    expect(done.size).toBe(120)
  })

  it('drops of a full outbox the oldest that is not in flight, and the next one tells of it', async () => {
    await using hub = await startHub()
    const room = roomFor(encodeMessage({ ...outgoing(1), seq: 1 } as FromAgent).length)
    await using uplink = dial(hub, { limits: { size: 40 * room } })
    uplink.ask(40)
    const call = await hub.call()
    await call.welcome()
    await call.matches(32)
    uplink.ask(10)
    uplink.clock.advance(50)
    expect(uplink.outbox.dropped).toBe(10)
    for (let seq = 1; seq <= 32; seq++) call.ack(seq)
    const rest = await call.matches(8)
    // One more was on its way, waiting for room in the window.
    expect(tracks(rest)).toEqual(['t33', ...named(44, 50)])
    expect(rest.map(({ lost }) => lost)).toEqual([undefined, 10, ...Array(6).fill(undefined)])
  })

  it('hands alerts on', async () => {
    await using hub = await startHub()
    const alerts: AlertNotice[] = []
    await using uplink = dial(hub, { onAlert: (notice: AlertNotice) => alerts.push(notice) })
    const call = await hub.call()
    await call.welcome()
    const base = { camera: 'gate-north', list: 'wanted', capturedAt: uplink.clock.now() }
    call.say({ type: 'alert', id: 'a-1', name: 'Łukasz Ω', ...base })
    await call.quiet()
    expect(alerts).toEqual([{ type: 'alert', id: 'a-1', name: 'Łukasz Ω', ...base }])
  })
})
