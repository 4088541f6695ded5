import { latest } from '@vedette/agent/camera/latest'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { settle, silence } from '../../support/agent-sources.ts'
import { rejectionOf } from '../../support/thrown.ts'

type Opening = (signal: AbortSignal) => AsyncGenerator<number, void, undefined>

const nobody = new AbortController().signal
const ignore = () => {}

async function* numbers(count: number): AsyncGenerator<number, void, undefined> {
  for (let n = 1; n <= count; n++) yield n
}

async function readAll(open: Opening, onSkip = ignore): Promise<number[]> {
  const read: number[] = []
  for await (const n of latest(open, nobody, onSkip)) read.push(n)
  return read
}

/** Yields one, then waits for the signal; tells whether it has ended. */
function once(): { open: Opening; ended: () => boolean } {
  let ended = false
  const open: Opening = async function* (signal) {
    try {
      yield 1
      await silence(signal)
    } finally {
      ended = true
    }
  }
  return { open, ended: () => ended }
}

describe('latest', () => {
  it('gives every item to a consumer that keeps up', async () => {
    const paced: Opening = async function* () {
      for (const n of [1, 2, 3, 4]) {
        await settle()
        yield n
      }
    }
    let skipped = 0
    expect(await readAll(paced, () => skipped++)).toEqual([1, 2, 3, 4])
    expect(skipped).toBe(0)
  })

  it('gives the newest to a consumer that does not, and counts the others', async () => {
    let skipped = 0
    const read: number[] = []
    const eager: Opening = async function* () {
      yield 1
      await settle()
      yield* [2, 3, 4]
      await settle()
      await settle()
      yield* [5, 6]
    }
    for await (const n of latest(eager, nobody, () => skipped++)) {
      read.push(n)
      await settle()
      await settle()
    }
    expect(read).toEqual([1, 4, 6])
    expect(skipped).toBe(3)
  })

  it('gives the last item of a source that ended long ago', async () => {
    const items = latest(() => numbers(10), nobody, ignore)
    const first = items.next()
    await settle()
    expect((await first).value).toBeLessThanOrEqual(10)
    await settle()
    expect(await items.next()).toEqual({ done: false, value: 10 })
    expect(await items.next()).toEqual({ done: true, value: undefined })
  })

  it('never goes back, and loses no item without counting it', async () => {
    const random = seeded(11)
    const pause = async (most: number) => {
      for (let i = Math.floor(random() * most); i > 0; i--) await settle()
    }
    for (let run = 0; run < 50; run++) {
      let skipped = 0
      const unsteady: Opening = async function* () {
        for await (const n of numbers(40)) {
          await pause(3)
          yield n
        }
      }
      const read: number[] = []
      for await (const n of latest(unsteady, nobody, () => skipped++)) {
        read.push(n)
        await pause(5)
      }
      expect(read).toEqual(read.toSorted((p, q) => p - q))
      expect(read.at(-1)).toBe(40)
      expect(read.length + skipped).toBe(40)
    }
  })

  it('gives the last item before the error of the source', async () => {
    const read: number[] = []
    const broken: Opening = async function* () {
      yield* numbers(3)
      throw new RangeError('broken')
    }
    const reading = (async () => {
      for await (const n of latest(broken, nobody, ignore)) read.push(n)
    })()
    expect((await rejectionOf(reading, RangeError)).message).toBe('broken')
    expect(read.at(-1)).toBe(3)
  })

  it('throws what a source throws that gave nothing', async () => {
    const broken: Opening = async function* () {
      yield* numbers(0)
      throw new RangeError('broken')
    }
    expect((await rejectionOf(readAll(broken), RangeError)).message).toBe('broken')
  })

  it('ends with a source that gave nothing', async () => {
    expect(await readAll(() => numbers(0))).toEqual([])
  })

  it('ends the source when the loop is left, though nothing more comes of it', async () => {
    const { open, ended } = once()
    for await (const _n of latest(open, nobody, ignore)) break
    expect(ended()).toBe(true)
  })

  it('ends the source when the consumer throws', async () => {
    const { open, ended } = once()
    const reading = (async () => {
      for await (const _n of latest(open, nobody, ignore)) throw new RangeError('of the consumer')
    })()
    expect((await rejectionOf(reading, RangeError)).message).toBe('of the consumer')
    expect(ended()).toBe(true)
  })

  it('ends a source that does not heed its signal with its next item', async () => {
    let ended = false
    const deaf: Opening = async function* () {
      try {
        for (let n = 1; ; n++) {
          await settle()
          yield n
        }
      } finally {
        ended = true
      }
    }
    for await (const _n of latest(deaf, nobody, ignore)) break
    expect(ended).toBe(true)
  })

  it('lets a consumer go that waits when the signal aborts', async () => {
    const stop = new AbortController()
    const { open, ended } = once()
    const items = latest(open, stop.signal, ignore)
    expect((await items.next()).value).toBe(1)
    const waiting = items.next()
    await settle()
    stop.abort()
    expect((await waiting).done).toBe(true)
    expect(ended()).toBe(true)
  })

  it('opens the source with a signal that has aborted where its own has', async () => {
    let seen: boolean | undefined
    const open: Opening = async function* (signal) {
      seen = signal.aborted
      yield* numbers(0)
    }
    for await (const _n of latest(open, AbortSignal.abort(), ignore));
    expect(seen).toBe(true)
  })

  it('leaves nothing listening on the signal', async () => {
    const { signal } = new AbortController()
    let listeners = 0
    const watched = Object.assign(signal, {
      addEventListener: () => listeners++,
      removeEventListener: () => listeners--,
    })
    for (let run = 0; run < 10; run++) {
      for await (const _n of latest(() => numbers(3), watched, ignore));
    }
    expect(listeners).toBe(0)
  })
})
