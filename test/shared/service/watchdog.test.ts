import { Unavailable } from '@vedette/shared/errors'
import { watchLoop } from '@vedette/shared/service/loop-delay'
import { type SelfTest, Watchdog } from '@vedette/shared/service/watchdog'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'

const EVERY = 5000
const never = () => new Promise<void>(() => {})

/** A watchdog, what it said, and the time it lives in. */
function watchdog(tests: SelfTest[], delays: number[] = []) {
  const clock = new ManualClock()
  const said: string[] = []
  const dog = new Watchdog({
    every: EVERY,
    patience: 2000,
    mostDelay: 1000,
    delay: () => delays.shift() ?? 0,
    tests,
    clock,
    onWell: async () => void said.push('well'),
    onIll: async (test, code) => void said.push(`${test} ${code}`),
  })
  /** The next look, from the end of the one before. */
  const look = async () => {
    while ((await clock.sleeping()) !== EVERY);
    clock.advance(EVERY)
  }
  return { clock, said, look, [Symbol.asyncDispose]: () => dog[Symbol.asyncDispose]() }
}

const well: SelfTest = { name: 'gallery', run: async () => {} }

describe('a watchdog', () => {
  it('is fed at every look as long as all self-tests are well', async () => {
    await using dog = watchdog([well, { ...well, name: 'database' }])
    await dog.look()
    await dog.look()
    await dog.look()
    expect(dog.said).toEqual(['well', 'well', 'well'])
  })

  it('is not fed while a self-test fails, and again when it is well', async () => {
    let full = true
    const database: SelfTest = {
      name: 'database',
      run: async () => {
        if (full) throw new Unavailable('store.full', 'the disk is full')
      },
    }
    await using dog = watchdog([well, database])
    await dog.look()
    await dog.look()
    full = false
    await dog.look()
    expect(dog.said).toEqual(['database store.full', 'database store.full', 'well'])
  })

  it('is not fed while a self-test does not end', async () => {
    await using dog = watchdog([{ name: 'gallery', run: never }])
    expect(await dog.clock.pass()).toBe(2000)
    await dog.look()
    expect(await dog.clock.pass()).toBe(2000)
    await dog.look()
    expect(dog.said).toEqual(['gallery service.ill', 'gallery service.ill'])
  })

  it('is not fed after the event loop stood still', async () => {
    await using dog = watchdog([well], [0, 30_000, 0])
    await dog.look()
    await dog.look()
    await dog.look()
    expect(dog.said).toEqual(['well', 'loop loop.delayed', 'well'])
  })

  it('ends while a self-test is under way', async () => {
    const dog = watchdog([{ name: 'gallery', run: never }])
    await dog.clock.sleeping()
    await dog[Symbol.asyncDispose]()
    expect([dog.said, dog.clock.pending]).toEqual([[], []])
  })
})

describe('the delay of the event loop', () => {
  it('is how long nothing else was done, since it was asked last', async () => {
    const loop = watchLoop()
    await new Promise((resolve) => setTimeout(resolve, 50))
    loop.delay()
    const until = performance.now() + 400
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(loop.delay()).toBeGreaterThan(250)
    loop.stop()
  })
})
