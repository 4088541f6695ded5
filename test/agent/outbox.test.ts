import { Outbox } from '@vedette/agent/outbox'
import { describe, expect, it } from 'vitest'
import { question } from '../support/agent-questions.ts'
import { seeded } from '../support/agent-random.ts'
import { settle } from '../support/agent-sources.ts'

const nobody = new AbortController().signal

function filled(count: number, limit?: number): Outbox {
  const outbox = new Outbox(limit)
  for (let n = 1; n <= count; n++) outbox.add(question(n))
  return outbox
}

/** The tracks of the next `count` questions. */
async function take(outbox: Outbox, count: number): Promise<string[]> {
  const tracks: string[] = []
  for await (const { question: asked } of outbox.from(nobody)) {
    tracks.push(asked.track)
    if (tracks.length === count) break
  }
  return tracks
}

describe('Outbox', () => {
  it('gives what was added, oldest first', async () => {
    expect(await take(filled(4), 4)).toEqual(['t1', 't2', 't3', 't4'])
  })

  it('gives the same again to whoever begins anew, until it is settled', async () => {
    const outbox = filled(3)
    expect(await take(outbox, 3)).toEqual(['t1', 't2', 't3'])
    outbox.settle(2)
    expect(await take(outbox, 2)).toEqual(['t1', 't3'])
    expect(outbox.size).toBe(2)
  })

  it('drops the oldest when it is full, and counts it', async () => {
    const outbox = filled(7, 4)
    expect([outbox.size, outbox.dropped]).toEqual([4, 3])
    expect(await take(outbox, 4)).toEqual(['t4', 't5', 't6', 't7'])
  })

  it('holds a thousand where no limit is given', () => {
    const outbox = filled(1002)
    expect([outbox.size, outbox.dropped]).toEqual([1000, 2])
  })

  it('has room again for what was settled', () => {
    const outbox = filled(4, 4)
    outbox.settle(1)
    outbox.add(question(5))
    expect([outbox.size, outbox.dropped]).toEqual([4, 0])
  })

  it('takes no notice when what it does not have is settled', () => {
    const outbox = filled(2)
    for (const id of [0, 3, -1, Number.NaN]) outbox.settle(id)
    outbox.settle(1)
    outbox.settle(1)
    expect(outbox.size).toBe(1)
  })

  it('makes a reader wait while there is nothing, and wakes it', async () => {
    const outbox = new Outbox()
    const items = outbox.from(nobody)
    let woken = false
    const first = items.next().then(({ value }) => {
      woken = true
      return value
    })
    await settle()
    expect(woken).toBe(false)
    outbox.add(question(1))
    expect((await first)?.question.track).toBe('t1')
    const second = items.next()
    await settle()
    outbox.add(question(2))
    expect((await second).value?.question.track).toBe('t2')
  })

  it('gives each item once to one reader, whatever is settled or dropped meanwhile', async () => {
    const random = seeded(5)
    const outbox = new Outbox(20)
    const stop = new AbortController()
    const seen: number[] = []
    const reading = (async () => {
      for await (const { id } of outbox.from(stop.signal)) {
        seen.push(id)
        if (random() < 0.3) await settle()
        if (random() < 0.7) outbox.settle(id)
      }
    })()
    for (let n = 1; n <= 500; n++) {
      outbox.add(question(n))
      if (random() < 0.2) await settle()
    }
    while (outbox.size > 0 && seen.at(-1) !== 500) await settle()
    stop.abort()
    await reading
    expect(seen).toEqual([...new Set(seen)].toSorted((p, q) => p - q))
    expect(seen.at(-1)).toBe(500)
    expect(seen.length).toBeGreaterThanOrEqual(500 - outbox.dropped)
  })

  it('lets a waiting reader go at the signal', async () => {
    const stop = new AbortController()
    const waiting = new Outbox().from(stop.signal).next()
    await settle()
    stop.abort()
    expect((await waiting).done).toBe(true)
  })

  it('gives nothing more after the signal, though there is more', async () => {
    const stop = new AbortController()
    const items = filled(3).from(stop.signal)
    await items.next()
    stop.abort()
    expect((await items.next()).done).toBe(true)
    expect((await filled(3).from(AbortSignal.abort()).next()).done).toBe(true)
  })
})
