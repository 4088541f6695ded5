import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/agent-deployment.ts'
import { type Call, Hub } from '../../support/agent-hub.ts'
import { settle } from '../../support/agent-sources.ts'
import { RunningUplink } from '../../support/agent-uplink.ts'
import { eventually } from '../../support/until.ts'

let deployment: Deployment

beforeAll(async () => {
  deployment = await Deployment.found()
})

afterAll(() => deployment[Symbol.asyncDispose]())

const startHub = () => Hub.start(deployment.server)
const dial = (hub: Hub) => new RunningUplink(hub, deployment.agent)

const tracks = async (call: Call, count: number) =>
  (await call.matches(count)).map(({ track }) => track)

const names = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => `t${first + i}`)

/** Says that it is busy with each of these, as a server does that holds back. */
function sendBack(call: Call, seqs: readonly number[], retryAfter = 1500): void {
  for (const seq of seqs) call.say({ type: 'busy', seq, retryAfter })
}

const numbers = (matches: readonly { seq: number }[]) => matches.map(({ seq }) => seq)

describe('an uplink whose server is busy', () => {
  it('holds back as long as it is asked to, and then sends the same again in order', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(10)
    const call = await hub.call()
    await call.welcome()
    const sent = await call.matches(10)
    for (const seq of numbers(sent).slice(0, 4)) call.ack(seq)
    sendBack(call, numbers(sent).slice(4))
    await call.quiet()
    expect([uplink.state, uplink.outbox.size]).toEqual(['held', 6])
    uplink.ask(2)
    uplink.clock.advance(1499)
    await call.quiet()
    expect(uplink.state).toBe('held')
    uplink.clock.advance(1)
    await call.expect('resume')
    expect(uplink.state).toBe('open')
    const again = await call.matches(8)
    expect(again.map(({ track }) => track)).toEqual(names(5, 12))
    expect(numbers(again).slice(0, 6)).toEqual(numbers(sent).slice(4))
    for (const seq of numbers(again)) call.ack(seq)
    await call.quiet()
    expect(uplink.outbox.size).toBe(0)
  })

  it('does not go on while the server owes an answer', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(3)
    const call = await hub.call()
    await call.welcome({ heartbeat: 60_000 })
    const [first, second, third] = numbers(await call.matches(3))
    sendBack(call, [second!])
    await call.quiet()
    uplink.clock.advance(10_000)
    await call.quiet()
    sendBack(call, [third!])
    await call.quiet()
    uplink.clock.advance(10_000)
    await call.quiet()
    call.ack(first!)
    await call.expect('resume')
    expect(await tracks(call, 2)).toEqual(['t2', 't3'])
  })

  it('narrows its window each time, and widens it again as answers come', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(200)
    const call = await hub.call()
    await call.welcome()
    const windows: number[] = []
    for (const window of [32, 16, 8, 4, 2, 1, 1]) {
      const sent = numbers(await call.matches(window))
      await call.quiet()
      windows.push(sent.length)
      sendBack(call, sent, 50)
      await eventually(() => expect(uplink.state).toBe('held'))
      await call.quiet()
      uplink.clock.advance(50)
      await call.expect('resume')
    }
    expect(windows).toEqual([32, 16, 8, 4, 2, 1, 1])
    const [only] = numbers(await call.matches(1))
    call.ack(only!)
    const two = numbers(await call.matches(2))
    for (const seq of two) call.ack(seq)
    await call.matches(2)
  })

  it.each([
    [0, 50],
    [1e15, 60_000],
  ])('does not let itself be held back for %d ms but for %d', async (retryAfter, wait) => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(1)
    const call = await hub.call()
    await call.welcome({ heartbeat: 60_000 })
    sendBack(call, numbers(await call.matches(1)), retryAfter)
    await call.quiet()
    uplink.clock.advance(wait - 1)
    await call.quiet()
    expect(uplink.state).toBe('held')
    uplink.clock.advance(1)
    let message = await call.next()
    if (message?.type === 'ping') message = await call.next()
    expect(message).toEqual({ type: 'resume' })
    expect(await tracks(call, 1)).toEqual(['t1'])
  })

  it('takes no notice of a number that is none of its own', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    const call = await hub.call()
    await call.welcome()
    sendBack(call, [77])
    await call.quiet()
    expect(uplink.state).toBe('open')
  })

  it('forgets the hold with the connection, and loses nothing', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    uplink.ask(3)
    const call = await hub.call()
    await call.welcome()
    sendBack(call, numbers(await call.matches(3)), 60_000)
    await call.quiet()
    call.die()
    await eventually(() => expect(uplink.state).toBe('waiting'))
    uplink.clock.advance(250)
    const again = await hub.call()
    await again.welcome()
    expect(await tracks(again, 3)).toEqual(['t1', 't2', 't3'])
    expect(uplink.state).toBe('open')
  })
})

describe('an uplink whose server says when to come back', () => {
  it.each([
    ['shutdown', 12_345, 12_345],
    ['flapping', 300_000, 300_000],
    ['shutdown', 0, 250],
    ['shutdown', 1e15, 600_000],
  ] as const)('after %s, %d ms, comes back after %d', async (reason, retryAfter, wait) => {
    for (const welcomed of [false, true]) {
      await using hub = await startHub()
      await using uplink = dial(hub)
      const call = await hub.call()
      if (welcomed) await call.welcome()
      else await call.expect('hello')
      call.say({ type: 'goodbye', reason, retryAfter })
      await call.ended()
      await eventually(() => expect(uplink.state).toBe('deferred'))
      uplink.clock.advance(wait - 1)
      await settle()
      expect([hub.waiting, uplink.state]).toEqual([0, 'deferred'])
      uplink.clock.advance(1)
      const again = await hub.call()
      await again.welcome()
      await again.quiet()
      expect(uplink.state).toBe('open')
    }
  })

  it('still does not dial where a person must act', async () => {
    await using hub = await startHub()
    await using uplink = dial(hub)
    const call = await hub.call()
    await call.expect('hello')
    call.say({ type: 'goodbye', reason: 'version', retryAfter: 0 })
    expect(await uplink.clock.sleeping()).toBe(600_000)
    expect(uplink.state).toBe('refused')
  })
})
