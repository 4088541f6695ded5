import { Throttle } from '@vedette/server/gallery/throttle'
import { Unavailable } from '@vedette/shared/errors'
import { createMetrics } from '@vedette/shared/metrics'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { TemporaryStore } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const LIMITS = { minute: 5, hour: 60, day: 300, everybody: 20 }
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const OLD = { createdAt: 0, createdBy: 'anna' }

let stored: TemporaryStore
let clock: ManualClock
let throttle: Throttle

beforeEach(async () => {
  stored = await TemporaryStore.make()
  clock = new ManualClock()
  clock.advance(10 * DAY)
  throttle = throttleOf()
  return () => stored[Symbol.asyncDispose]()
})

function throttleOf(operator: { createdAt: number; createdBy: string } = OLD, limits = LIMITS) {
  return new Throttle({
    store: stored.store.throttle,
    limits: () => limits,
    operator: () => operator,
    clock,
    metrics: createMetrics('server'),
  })
}

/** How many of so many are let through, one after the other. */
async function through(count: number, operator = 'anna', by = throttle): Promise<number> {
  let taken = 0
  for (let n = 0; n < count; n++) {
    taken += await by.take(operator).then(
      () => 1,
      () => 0,
    )
  }
  return taken
}

const waits = async (operator = 'anna') =>
  (await rejectionOf(throttle.take(operator), Unavailable)).retryAfter

describe('enrolments of one operator', () => {
  it('are five in a minute, wherever the minute begins', async () => {
    for (let n = 0; n < 5; n++) {
      await throttle.take('anna')
      clock.advance(10 * SECOND)
    }
    expect(await waits()).toBe(10 * SECOND)
    clock.advance(10 * SECOND - 1)
    expect(await waits()).toBe(1)
    clock.advance(1)
    await throttle.take('anna')
    expect(await waits()).toBe(10 * SECOND)
  })

  it('are sixty in an hour', async () => {
    for (let minute = 0; minute < 12; minute++) {
      expect(await through(6)).toBe(5)
      clock.advance(MINUTE)
    }
    expect(await waits()).toBe(HOUR - 12 * MINUTE)
    clock.advance(HOUR - 12 * MINUTE)
    expect(await through(6)).toBe(5)
  })

  it('are three hundred in a day', async () => {
    for (let hour = 0; hour < 5; hour++) {
      for (let minute = 0; minute < 12; minute++) {
        expect(await through(5)).toBe(5)
        clock.advance(MINUTE)
      }
      clock.advance(HOUR - 12 * MINUTE)
    }
    expect(await waits()).toBe(DAY - 5 * HOUR)
    clock.advance(DAY - 5 * HOUR)
    expect(await through(6)).toBe(5)
    expect(stored.rows('enrolmentTakes')).toBe(300)
  })

  it('do not count against another operator, until there are twenty of everybody', async () => {
    for (const operator of ['anna', 'bert', 'carl']) expect(await through(6, operator)).toBe(5)
    clock.advance(20 * SECOND)
    expect(await through(6, 'dora')).toBe(5)
    expect(await waits('emil')).toBe(40 * SECOND)
    clock.advance(40 * SECOND)
    expect(await through(20, 'emil')).toBe(5)
  })

  it('are as many after a restart in the middle of the minute', async () => {
    expect(await through(3)).toBe(3)
    clock.advance(20 * SECOND)
    await stored.close()
    await stored.open()
    throttle = throttleOf()
    expect(await through(5)).toBe(2)
    expect(await waits()).toBe(40 * SECOND)
  })

  it('are not more when the clock is put back', async () => {
    expect(await through(5)).toBe(5)
    clock.advance(-HOUR)
    expect(await waits()).toBe(HOUR + MINUTE)
  })

  it('are a fifth as many while the account is younger than a day', async () => {
    const born = clock.now()
    const young = throttleOf({ createdAt: born, createdBy: 'anna' })
    expect(await through(3, 'bert', young)).toBe(1)
    clock.advance(MINUTE)
    expect(await through(3, 'bert', young)).toBe(1)
    clock.advance(born + DAY - clock.now() - 1)
    expect(await through(3, 'bert', young)).toBe(1)
    clock.advance(1)
    expect(await through(6, 'bert', young)).toBe(4)
  })

  it('of whom the server itself let in are not those of a new account', async () => {
    const founder = throttleOf({ createdAt: clock.now(), createdBy: 'server' })
    expect(await through(6, 'anna', founder)).toBe(5)
  })

  it('asked for by many at once are exactly as many, and leave nothing of the rest', async () => {
    const asked = Array.from({ length: 40 }, () => through(1))
    const taken = (await Promise.all(asked)).reduce((sum, one) => sum + one)
    expect(taken).toBe(5)
    expect(stored.rows('enrolmentTakes')).toBe(5)
  })
})
