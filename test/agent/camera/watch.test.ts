import { type CameraOptions, watch } from '@vedette/agent/camera/watch'
import type { Frame } from '@vedette/agent/frame'
import { ConfigFault, codeOf, Unavailable } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { frame } from '../../support/agent-pictures.ts'
import { FakeSource, type Opening, settle, silence } from '../../support/agent-sources.ts'
import { rejectionOf } from '../../support/thrown.ts'

const gives = (...times: number[]): Opening =>
  async function* () {
    for (const time of times) {
      await settle()
      yield frame(time)
    }
  }

const breaks = (error: Error, ...times: number[]): Opening =>
  async function* (signal) {
    yield* gives(...times)(signal)
    throw error
  }

const died = () => new Unavailable('camera.died', 'ffmpeg ended')

/** Watches `source` in the background, with a random that always draws 0. */
function watching(
  source: FakeSource,
  clock = new ManualClock(),
  signal = new AbortController().signal,
) {
  const log: string[] = []
  const frames: Frame[] = []
  const options: CameraOptions = {
    clock,
    random: () => 0,
    onOpen: ({ sceneTime }) => log.push(`open at ${sceneTime}`),
    onFault: (error, retryIn) =>
      log.push(`${error ? codeOf(error) : 'ended'}, again in ${retryIn}`),
    onSkip: () => log.push('skip'),
  }
  const done = (async () => {
    for await (const one of watch(source, signal, options)) frames.push(one)
  })()
  done.catch(() => {})
  return { done, log, frames, clock }
}

/** Lets `count` waits pass and tells how long each was. */
async function waits(clock: ManualClock, count: number): Promise<number[]> {
  const passed: number[] = []
  while (passed.length < count) passed.push(await clock.pass())
  return passed
}

describe('watch', () => {
  it('opens a broken source again, each time a little later', async () => {
    const stop = new AbortController()
    const source = new FakeSource([breaks(died())])
    const { clock, done, log } = watching(source, undefined, stop.signal)
    expect(await waits(clock, 9)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000, 5000])
    await clock.sleeping()
    stop.abort()
    await done
    expect(source.opened).toBe(10)
    expect(source.closed).toBe(10)
    expect(log.slice(0, 2)).toEqual(['camera.died, again in 250', 'camera.died, again in 500'])
  })

  it('opens a source again that ended unasked', async () => {
    const source = new FakeSource([gives(1, 2), gives(3)])
    const { clock, frames, log } = watching(source)
    await waits(clock, 1)
    expect(await clock.sleeping()).toBe(500)
    expect(frames.map(({ sceneTime }) => sceneTime)).toEqual([1, 2, 3])
    expect(log).toEqual(['open at 1', 'ended, again in 250', 'open at 3', 'ended, again in 500'])
  })

  it('waits shortly again after a source that ran well', async () => {
    const clock = new ManualClock()
    const well: Opening = async function* () {
      yield frame(1)
      await settle()
      clock.advance(10_001)
      yield frame(2)
    }
    const source = new FakeSource([breaks(died()), breaks(died()), well, breaks(died())])
    watching(source, clock)
    expect(await waits(clock, 4)).toEqual([250, 500, 100, 500])
  })

  it('does not take a source for well that gives a frame and breaks', async () => {
    const { clock } = watching(new FakeSource([breaks(died(), 1)]))
    expect(await waits(clock, 4)).toEqual([250, 500, 1000, 2000])
  })

  it('does not take a source for well that is long in opening', async () => {
    const clock = new ManualClock()
    const slow: Opening = async function* () {
      clock.advance(200)
      yield frame(1)
    }
    watching(new FakeSource([slow]), clock)
    expect(await waits(clock, 4)).toEqual([100, 300, 800, 1800])
  })

  it('counts the time in which a source hung for the wait: then it is back in ten seconds', async () => {
    const clock = new ManualClock()
    const hangs: Opening = async function* () {
      clock.advance(9000)
      if (clock.now() < 0) yield frame(1)
      throw died()
    }
    watching(new FakeSource([breaks(died()), hangs, hangs, hangs]), clock)
    expect(await waits(clock, 4)).toEqual([250, 100, 100, 100])
  })

  it('draws the wait, so that cameras do not return together', async () => {
    const clock = new ManualClock()
    const options = { clock, onOpen() {}, onFault() {}, onSkip() {} }
    const frames = watch(new FakeSource([breaks(died())]), new AbortController().signal, {
      ...options,
      random: () => 0.5,
    })
    void frames.next()
    expect(await waits(clock, 2)).toEqual([375, 750])
  })

  it('stops at once while it waits to open again', async () => {
    const stop = new AbortController()
    const source = new FakeSource([breaks(died())])
    const { clock, done } = watching(source, undefined, stop.signal)
    await clock.sleeping()
    stop.abort()
    await done
    expect(source.opened).toBe(1)
    expect(clock.pending).toEqual([])
  })

  it.each([true, false])('stops at once while nothing comes (patient: %s)', async (patient) => {
    const stop = new AbortController()
    const silent: Opening = async function* (signal) {
      yield frame(1)
      await silence(signal)
    }
    const source = new FakeSource([silent], { patient })
    const { done, frames, log } = watching(source, undefined, stop.signal)
    await settle()
    await settle()
    stop.abort()
    await done
    expect(frames).toHaveLength(1)
    expect(source.closed).toBe(1)
    expect(log).toEqual(['open at 1'])
  })

  it('opens nothing after the signal', async () => {
    const source = new FakeSource([gives(1)])
    await watching(source, undefined, AbortSignal.abort()).done
    expect(source.opened).toBe(0)
  })

  it('ends with a finite source', async () => {
    const source = new FakeSource([gives(1, 2, 3)], { finite: true, patient: true })
    const { done, frames } = watching(source)
    await done
    expect(frames.map(({ sceneTime }) => sceneTime)).toEqual([1, 2, 3])
    expect(source.opened).toBe(1)
  })

  it('opens a finite source again that broke', async () => {
    const source = new FakeSource([breaks(died(), 1), gives(1, 2)], { finite: true, patient: true })
    const { done, frames, clock } = watching(source)
    await waits(clock, 1)
    await done
    expect(frames.map(({ sceneTime }) => sceneTime)).toEqual([1, 1, 2])
  })

  it.each([true, false])(
    'keeps every frame only where the source is patient (%s)',
    async (patient) => {
      const eager: Opening = async function* () {
        for (let time = 1; time <= 10; time++) yield frame(time)
      }
      const source = new FakeSource([eager], { patient, finite: true })
      const seen: number[] = []
      let skipped = 0
      const hooks = { onOpen() {}, onFault() {}, onSkip: () => skipped++ }
      const options = { clock: new ManualClock(), random: () => 0, ...hooks }
      for await (const { sceneTime } of watch(source, new AbortController().signal, options)) {
        seen.push(sceneTime)
        await settle()
      }
      expect(seen.at(-1)).toBe(10)
      expect(seen.length + skipped).toBe(10)
      expect(skipped === 0).toBe(patient)
    },
  )

  it('closes the source when the consumer leaves', async () => {
    for (const patient of [true, false]) {
      const source = new FakeSource([gives(1, 2, 3)], { patient })
      const options = {
        clock: new ManualClock(),
        random: () => 0,
        onOpen() {},
        onFault() {},
        onSkip() {},
      }
      for await (const _frame of watch(source, new AbortController().signal, options)) break
      expect(source.closed).toBe(1)
    }
  })

  it('gives up on what opening again does not mend', async () => {
    const fault = new ConfigFault('config.missing', 'no such device in the file')
    const source = new FakeSource([breaks(fault, 1)])
    const { done, frames } = watching(source)
    expect(await rejectionOf(done, ConfigFault)).toBe(fault)
    expect(frames).toHaveLength(1)
    expect(source.opened).toBe(1)
  })

  it('opens again after an error that is no Fault', async () => {
    const { clock, log } = watching(new FakeSource([breaks(new TypeError('of a library'))]))
    expect(await clock.sleeping()).toBe(250)
    expect(log).toEqual(['internal, again in 250'])
  })
})
