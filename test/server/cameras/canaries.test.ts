import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { settle } from '../../support/agent-sources.ts'
import { CameraBench, EVERY, LIMIT, NORTH } from '../../support/server-cameras.ts'
import { sightingOf } from '../../support/server-sightings.ts'

let bench: CameraBench

beforeEach(async () => {
  bench = await CameraBench.open()
})

afterEach(() => bench[Symbol.asyncDispose]())

/** Lets `ms` pass a second at a time, answering each canary where `answers`. */
async function pass(ms: number, answers = false): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1000) {
    const before = bench.asked.length
    bench.clock.advance(1000)
    for (let n = before; answers && n < bench.asked.length; n++) {
      await bench.canaries.take(bench.answer(n))
    }
  }
}

describe('canaries', () => {
  it('are sent to every camera at once, and again whenever it is time', async () => {
    await bench.present(NORTH, { agent: 'gate-7', camera: 'south' })
    bench.start()
    expect(bench.asked.map(({ canary }) => canary.camera)).toEqual(['north', 'south'])
    await pass(EVERY - 1000)
    expect(bench.asked).toHaveLength(2)
    await pass(1000)
    expect(bench.asked).toHaveLength(4)
    expect(new Set(bench.asked.map(({ canary }) => canary.mark.id)).size).toBe(4)
  })

  it('make a camera green when they come through, and say how long it took', async () => {
    await bench.present(NORTH)
    bench.start()
    expect(bench.state).toBe('amber waiting')
    bench.clock.advance(640)
    expect(await bench.canaries.take(bench.answer(0))).toBe(true)
    expect(bench.cameras.all()[0]).toMatchObject({
      ...{ state: 'green', why: 'well', latencyMs: 640, passedAt: bench.clock.now() },
    })
    expect(bench.stored.elsewhere().prepare('SELECT * FROM cameras').get()).toMatchObject({
      passedAt: bench.clock.now(),
      latencyMs: 640,
    })
    const figures = await bench.metrics.metrics()
    expect(figures).toContain('vedette_canary_passed_total 1')
    expect(figures).toContain('vedette_canary_latency_seconds_sum 0.64')
  })

  it('stay green for hours while they come through', async () => {
    await bench.present(NORTH)
    bench.start()
    await bench.canaries.take(bench.answer(0))
    await pass(3_600_000, true)
    expect(bench.told.map((change) => change.kind === 'camera' && change.camera.state)).toEqual([
      'green',
    ])
    expect(bench.book.of('canary.missed')).toEqual([])
  })

  it('that do not come through make it red before the limit is over, once, with an error', async () => {
    await bench.present(NORTH)
    bench.start()
    await bench.canaries.take(bench.answer(0))
    const passedAt = bench.clock.now()
    await pass(LIMIT - 2000)
    expect(bench.state).toBe('amber missed')
    await pass(1000)
    expect(bench.state).toBe('red no-canary')
    await pass(LIMIT)
    const errors = bench.book.of('canary.missed')
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ ...NORTH, level: 'error', why: 'no-canary', passedAt })
    expect(await bench.metrics.metrics()).toMatch(/vedette_canary_missed_total [345]/)
  })

  it('leave ordinary questions alone', async () => {
    expect(await bench.canaries.take(sightingOf('').probe)).toBe(false)
  })

  it('never hide somebody else: a mark upon a real face is judged as if there were none', async () => {
    await bench.present(NORTH)
    bench.start()
    bench.shown = async () => false
    expect(await bench.canaries.take(bench.answer(0))).toBe(false)
    expect(bench.state).toBe('amber waiting')
    expect(bench.book.of('canary.refused')).toMatchObject([{ code: 'canary.somebody', ...NORTH }])
  })

  it('count once, in time, from where they were sent, and for whom', async () => {
    await bench.present(NORTH, { agent: 'gate-8', camera: 'north' })
    bench.start()
    const refused = async (n: number, more = {}) => {
      expect(await bench.canaries.take(bench.answer(n, more))).toBe(true)
      return bench.book.of('canary.refused').at(-1)?.code
    }
    expect(await refused(0, { agent: 'gate-8' })).toBe('canary.forged')
    expect(await refused(0, { camera: 'south' })).toBe('canary.forged')
    expect(bench.state).toBe('amber waiting')
    await bench.canaries.take(bench.answer(0))
    expect(await refused(0)).toBe('canary.replayed')
    await pass(LIMIT + 1000)
    expect(await refused(1)).toBe('canary.expired')
    const figures = await bench.metrics.metrics()
    expect(figures).toContain('vedette_canary_refused_total{reason="canary.forged"} 2')
    expect(figures).toContain('vedette_canary_refused_total{reason="canary.expired"} 1')
  })

  it('do not pass while alerts do not reach the disk, and do not wait for it either', async () => {
    await bench.present(NORTH)
    bench.start()
    bench.settled = () => new Promise(() => {})
    const taking = bench.canaries.take(bench.answer(0))
    await settle()
    await pass(EVERY)
    expect(await taking).toBe(true)
    expect(bench.state).toBe('amber waiting')
  })

  it('do not pass where it cannot be written down', async () => {
    await bench.present(NORTH)
    bench.start()
    const lock = bench.stored.elsewhere()
    lock.exec('BEGIN EXCLUSIVE')
    expect(await bench.canaries.take(bench.answer(0))).toBe(true)
    expect(bench.state).toBe('amber waiting')
    expect(bench.book.of('canary.unwritten')).toMatchObject([{ code: 'store.busy' }])
    lock.exec('ROLLBACK')
    await pass(EVERY)
    await bench.canaries.take(bench.answer(1))
    expect(bench.state).toBe('green well')
  })

  it('do not pass while the gallery does not answer', async () => {
    await bench.present(NORTH)
    bench.start()
    bench.shown = () => new Promise(() => {})
    void bench.canaries.take(bench.answer(0))
    await pass(LIMIT)
    expect(bench.state).toBe('red no-canary')
  })

  it('are not counted as lost of a camera that went away', async () => {
    await bench.present(NORTH)
    bench.start()
    await bench.present()
    await pass(EVERY)
    await bench.present(NORTH)
    await pass(2000)
    expect(bench.cameras.all()[0]).toMatchObject({ missed: 0 })
  })
})
