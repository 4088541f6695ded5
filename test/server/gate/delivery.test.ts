import { Delivery } from '@vedette/server/gate/delivery'
import { beforeEach, describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'

let worked: number[]
let losses: [count: number, before: number][]
let delivery: Delivery

const fresh = (progress?: ConstructorParameters<typeof Delivery>[0]) =>
  new Delivery(progress, (count, before) => losses.push([count, before]))

beforeEach(() => {
  worked = []
  losses = []
  delivery = fresh()
})

const take = (seq: number, lost?: number) =>
  delivery.take({ seq, lost }, async () => {
    worked.push(seq)
    return true
  })

/** Work that a test ends. */
function held(seq: number) {
  let end: (done: boolean) => void = () => {}
  const taken = delivery.take(
    { seq },
    () =>
      new Promise((resolve) => {
        worked.push(seq)
        end = resolve
      }),
  )
  return { taken, end: (done: boolean) => end(done) }
}

describe('an outbox', () => {
  it('has each number done once, whatever connection it comes on', async () => {
    expect(delivery.begin({ stream: 'a', first: 1 })).toBe(0)
    for (const seq of [1, 2, 3]) expect(await take(seq)).toBe('done')
    expect(delivery.begin({ stream: 'a', first: 1 })).toBe(3)
    for (const seq of [2, 3]) expect(await take(seq)).toBe('repeat')
    expect(await take(4)).toBe('done')
    expect(worked).toEqual([1, 2, 3, 4])
    expect(delivery.progress).toEqual({ stream: 'a', done: 4, lost: 0 })
  })

  it('is done as far as no earlier number is open', async () => {
    delivery.begin({ stream: 'a', first: 1 })
    const [first, second] = [held(1), held(2)]
    await take(3)
    expect(delivery.progress.done).toBe(0)
    second.end(true)
    await second.taken
    expect(delivery.progress.done).toBe(0)
    first.end(true)
    await first.taken
    expect(delivery.progress.done).toBe(3)
  })

  it('waits for a number that another connection is busy with, and does it where that fails', async () => {
    delivery.begin({ stream: 'a', first: 1 })
    const [good, bad] = [held(1), held(2)]
    delivery.begin({ stream: 'a', first: 1 })
    const [again, anew] = [take(1), take(2)]
    good.end(true)
    bad.end(false)
    expect(await Promise.all([good.taken, bad.taken])).toEqual(['done', 'undone'])
    expect(await Promise.all([again, anew])).toEqual(['repeat', 'done'])
    expect(worked).toEqual([1, 2, 2])
    expect(delivery.progress.done).toBe(2)
  })

  it('has a number done that failed, when it comes again', async () => {
    delivery.begin({ stream: 'a', first: 1 })
    const broken = () => Promise.reject(new RangeError('the disk'))
    await expect(delivery.take({ seq: 1 }, broken)).rejects.toThrow('the disk')
    await take(2)
    expect(delivery.progress.done).toBe(0)
    delivery.begin({ stream: 'a', first: 1 })
    expect([await take(1), await take(2)]).toEqual(['done', 'repeat'])
    expect(delivery.progress).toEqual({ stream: 'a', done: 2, lost: 0 })
  })

  it('begins anew with another stream, and what was lost stays counted', async () => {
    delivery.begin({ stream: 'a', first: 1 })
    await take(1)
    await take(5, 3)
    expect(delivery.begin({ stream: 'b', first: 1 })).toBe(0)
    expect(await take(1)).toBe('done')
    expect(delivery.progress).toEqual({ stream: 'b', done: 1, lost: 3 })
  })

  it('goes on where it was after a restart of the server', async () => {
    delivery = fresh({ stream: 'a', done: 7, lost: 2 })
    expect(delivery.begin({ stream: 'a', first: 1 })).toBe(7)
    expect([await take(7), await take(8)]).toEqual(['repeat', 'done'])
  })
})

describe('a gap', () => {
  it('is counted by what the agent says was dropped, once', async () => {
    delivery.begin({ stream: 'a', first: 1 })
    await take(1)
    await take(6, 4)
    delivery.begin({ stream: 'a', first: 1 })
    await take(6, 4)
    expect(losses).toEqual([[4, 6]])
    expect(delivery.progress.lost).toBe(4)
  })

  it('is counted by the numbers where the agent says nothing', async () => {
    delivery.begin({ stream: 'a', first: 1 })
    for (const seq of [1, 2, 5, 6, 9]) await take(seq)
    expect(losses).toEqual([
      [2, 5],
      [2, 9],
    ])
  })

  it('is none where numbers were skipped by an agent that was killed', async () => {
    delivery.begin({ stream: 'a', first: 1 })
    for (const seq of [1, 2, 3]) await take(seq)
    delivery.begin({ stream: 'a', first: 1001 })
    for (const seq of [1001, 1002]) await take(seq)
    expect(losses).toEqual([])
  })

  it('is none where the server was killed before it noted how far it had come', async () => {
    delivery = fresh({ stream: 'a', done: 7, lost: 0 })
    delivery.begin({ stream: 'a', first: 1 })
    await take(12)
    expect(losses).toEqual([])
    await take(14)
    expect(losses).toEqual([[1, 14]])
  })

  it('is told as the largest number there is, however much an agent says was lost', async () => {
    delivery.begin({ stream: 'a', first: 1 })
    for (const seq of [1, 2, 3]) await take(seq, Number.MAX_SAFE_INTEGER)
    expect(delivery.progress.lost).toBe(Number.MAX_SAFE_INTEGER)
  })
})

it('does each number of any order of failures and connections at least once, and counts no gap', async () => {
  const random = seeded(3)
  for (let run = 0; run < 200; run++) {
    delivery = fresh()
    worked = []
    const settled = new Set<number>()
    while (settled.size < 40) {
      delivery.begin({ stream: 'a', first: 1 })
      for (let seq = 1; seq <= 40 && random() < 0.97; seq++) {
        if (settled.has(seq)) continue
        const fails = random() < 0.1
        const work = async () => {
          if (!fails) worked.push(seq)
          return !fails
        }
        const taken = await delivery.take({ seq }, work)
        // An acknowledgement may be lost with its connection.
        if (taken !== 'undone' && random() < 0.8) settled.add(seq)
        if (taken === 'undone') break
      }
    }
    expect(worked.toSorted((p, q) => p - q)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
  }
  expect(losses).toEqual([])
})
