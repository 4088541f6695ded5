import { DROP_REASONS, roomFor } from '@vedette/agent/outbox/file'
import type { Outbox } from '@vedette/agent/outbox/outbox'
import type { OutboxLimits } from '@vedette/agent/outbox/row'
import { encodeMessage, type FromAgent, type Sequenced } from '@vedette/shared/message'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OutboxFolder, trackOf } from '../../support/agent-outbox.ts'
import { outgoing } from '../../support/agent-questions.ts'
import { seeded } from '../../support/agent-random.ts'
import { settle } from '../../support/agent-sources.ts'

const nobody = new AbortController().signal
const ROOM = roomFor(encodeMessage({ ...outgoing(1), seq: 1 } as FromAgent).length)

let folder: OutboxFolder

beforeEach(() => {
  folder = new OutboxFolder()
})

afterEach(() => folder[Symbol.asyncDispose]())

async function filled(count: number, limits: Partial<OutboxLimits> = {}): Promise<Outbox> {
  const outbox = await folder.open(limits)
  for (let n = 1; n <= count; n++) outbox.add(outgoing(n))
  return outbox
}

/** The next `count` messages, by what they say of themselves. */
async function taken(outbox: Outbox, count: number): Promise<Sequenced[]> {
  const messages: Sequenced[] = []
  for await (const message of outbox.from(nobody)) {
    messages.push(message)
    if (messages.length === count) break
  }
  return messages
}

const take = async (outbox: Outbox, count: number) => (await taken(outbox, count)).map(trackOf)

const toDisk = () => folder.clock.advance(50)

describe('Outbox', () => {
  it('gives what was added, oldest first', async () => {
    expect(await take(await filled(4), 4)).toEqual(['t1', 't2', 't3', 't4'])
  })

  it('gives the same again to whoever begins anew, until it is settled', async () => {
    const outbox = await filled(3)
    expect(await take(outbox, 3)).toEqual(['t1', 't2', 't3'])
    outbox.settle(2)
    expect(await take(outbox, 2)).toEqual(['t1', 't3'])
    expect(outbox.size).toBe(2)
  })

  it('gives the same message from the disk as from memory', async () => {
    const outbox = await filled(3)
    const before = await taken(outbox, 3)
    toDisk()
    expect(outbox.unsaved).toBe(0)
    expect(await taken(outbox, 3)).toEqual(before)
  })

  it('takes no notice when what it does not have is settled', async () => {
    const outbox = await filled(2)
    for (const seq of [0, 3, -1, Number.NaN]) outbox.settle(seq)
    outbox.settle(1)
    outbox.settle(1)
    expect(outbox.size).toBe(1)
  })

  it('makes a reader wait while there is nothing, and wakes it', async () => {
    const outbox = await filled(0)
    const items = outbox.from(nobody)
    let woken = false
    const first = items.next().then(({ value }) => {
      woken = true
      return value
    })
    await settle()
    expect(woken).toBe(false)
    outbox.add(outgoing(1))
    expect(trackOf((await first) ?? undefined)).toBe('t1')
    const second = items.next()
    await settle()
    outbox.add(outgoing(2))
    expect(trackOf((await second).value ?? undefined)).toBe('t2')
  })

  it('gives each message once to one reader, whatever is saved, settled or dropped meanwhile', async () => {
    const random = seeded(5)
    const outbox = await folder.open({ size: 20 * ROOM })
    const stop = new AbortController()
    const seen: number[] = []
    let told = 0
    const reading = (async () => {
      for await (const { seq, lost = 0 } of outbox.from(stop.signal)) {
        seen.push(seq)
        told += lost
        if (random() < 0.3) await settle()
        if (random() < 0.9) outbox.settle(seq)
      }
    })()
    for (let n = 1; n <= 500; n++) {
      outbox.add(outgoing(n))
      if (random() < 0.1) folder.clock.advance(20)
      if (random() < 0.05) await settle()
    }
    while (seen.at(-1) !== 500) await settle()
    stop.abort()
    await reading
    expect(seen).toEqual([...new Set(seen)].toSorted((p, q) => p - q))
    expect(outbox.dropped).toBeGreaterThan(0)
    expect(seen.length).toBe(500 - outbox.dropped)
    expect(told).toBe(outbox.dropped)
  })

  it('lets a waiting reader go at the signal', async () => {
    const stop = new AbortController()
    const waiting = (await filled(0)).from(stop.signal).next()
    await settle()
    stop.abort()
    expect((await waiting).done).toBe(true)
  })

  it('gives nothing more after the signal, though there is more', async () => {
    const stop = new AbortController()
    const outbox = await filled(3)
    const items = outbox.from(stop.signal)
    await items.next()
    stop.abort()
    expect((await items.next()).done).toBe(true)
    expect((await outbox.from(AbortSignal.abort()).next()).done).toBe(true)
  })
})

describe('an outbox beyond its limits', () => {
  it('drops the oldest for want of room, counts it, and the next one tells', async () => {
    const outbox = await filled(7, { size: 4 * ROOM })
    toDisk()
    expect([outbox.size, outbox.dropped]).toEqual([4, 3])
    const messages = await taken(outbox, 4)
    expect(messages.map(trackOf)).toEqual(['t4', 't5', 't6', 't7'])
    expect(messages.map(({ lost }) => lost)).toEqual([3, undefined, undefined, undefined])
  })

  it('drops what is too old, and nothing younger', async () => {
    const outbox = await filled(2, { age: 60_000 })
    folder.clock.advance(30_000)
    outbox.add(outgoing(3))
    folder.clock.advance(29_999)
    expect(outbox.dropped).toBe(0)
    folder.clock.advance(1)
    outbox.flush()
    expect([outbox.size, outbox.dropped]).toEqual([3, 0])
    folder.clock.advance(1)
    outbox.flush()
    expect([outbox.size, outbox.dropped]).toEqual([1, 2])
    folder.clock.advance(120_000)
    expect([outbox.size, outbox.dropped]).toEqual([0, 3])
  })

  it('tells by the next that comes where all were dropped, also after a restart', async () => {
    await filled(5, { age: 60_000 })
    folder.clock.advance(180_000)
    const outbox = await folder.open()
    expect([outbox.size, outbox.dropped]).toEqual([0, 5])
    outbox.add(outgoing(6))
    outbox.add(outgoing(7))
    expect((await taken(outbox, 2)).map(({ lost }) => lost)).toEqual([5, undefined])
  })

  it('tells once: not again when what told of it was settled before it was on disk', async () => {
    const outbox = await filled(5, { age: 60_000 })
    folder.clock.advance(180_000)
    const told = outbox.add(outgoing(6))
    outbox.settle(told)
    folder.clock.advance(1000)
    folder.crash()
    const after = await folder.open()
    after.add(outgoing(7))
    expect((await taken(after, 1))[0]!.lost).toBeUndefined()
  })

  it('drops nothing that is in flight', async () => {
    const outbox = await filled(3, { size: 4 * ROOM })
    const items = outbox.from(nobody)
    for (let i = 0; i < 2; i++) await items.next()
    for (let n = 4; n <= 8; n++) outbox.add(outgoing(n))
    toDisk()
    expect(outbox.dropped).toBe(4)
    expect((await items.next()).value).toMatchObject({ track: 't7', lost: 4 })
    expect(await take(outbox, 4)).toEqual(['t1', 't2', 't7', 't8'])
  })

  it('drops nothing that is in flight while nobody reads on, until it has landed', async () => {
    const outbox = await filled(6, { size: 3 * ROOM })
    await take(outbox, 2)
    toDisk()
    expect([outbox.size, outbox.dropped]).toEqual([3, 3])
    outbox.landed()
    outbox.add(outgoing(7))
    outbox.add(outgoing(8))
    toDisk()
    expect(await take(outbox, 3)).toEqual(['t6', 't7', 't8'])
  })

  it('logs a burst once', async () => {
    const outbox = await filled(20, { size: 4 * ROOM })
    toDisk()
    for (let n = 21; n <= 40; n++) {
      outbox.add(outgoing(n))
      toDisk()
    }
    expect(outbox.dropped).toBe(36)
    expect(folder.lines('outbox.dropped')).toHaveLength(1)
    folder.clock.advance(120_000)
    outbox.add(outgoing(41))
    toDisk()
    expect(folder.lines('outbox.dropped')).toHaveLength(2)
  })

  it('counts by reason over restarts, and shows it', async () => {
    await filled(7, { size: 4 * ROOM })
    toDisk()
    folder.crash()
    await folder.open({ age: 1000 })
    folder.clock.advance(60_000)
    await folder.close()
    const outbox = await folder.open()
    expect(outbox.dropped).toBe(7)
    outbox.add(outgoing(8))
    folder.clock.advance(10_000)
    const text = await folder.metrics.metrics()
    expect(text).toContain('vedette_outbox_dropped_total{reason="size"} 3')
    expect(text).toContain('vedette_outbox_dropped_total{reason="age"} 4')
    expect(text).toContain('vedette_outbox_waiting 1')
    expect(text).toContain('vedette_outbox_unsaved 0')
    expect(text).toContain('vedette_outbox_oldest_seconds 10')
    for (const reason of DROP_REASONS) expect(text).toContain(`reason="${reason}"`)
  })
})

describe('numbers', () => {
  it('rise over a restart, without a gap', async () => {
    const first = await filled(3)
    expect(first.first).toBe(1)
    const second = await filled(2)
    expect([second.stream, second.first]).toEqual([first.stream, 4])
    expect((await taken(second, 5)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
  })

  it('rise over a kill, whatever of them reached the disk', async () => {
    const given: number[] = []
    for (let run = 0; run < 5; run++) {
      const outbox = await folder.open()
      expect(outbox.first).toBeGreaterThan(given.at(-1) ?? 0)
      for (let n = 0; n < 700; n++) given.push(outbox.add(outgoing(n)))
      if (run % 2 === 0) toDisk()
      folder.crash()
    }
    expect(given).toEqual([...new Set(given)].toSorted((p, q) => p - q))
  })

  it('belong to a new stream where the file was lost', async () => {
    const { stream } = await filled(3)
    await folder.close()
    folder.remove('outbox.db')
    const outbox = await folder.open()
    expect([outbox.stream === stream, outbox.size]).toEqual([false, 0])
  })

  it('belong to a new stream where the server knows more of them than this file', async () => {
    const outbox = await filled(2)
    toDisk()
    const { stream } = outbox
    expect(outbox.outrun(0)).toBe(false)
    expect(outbox.outrun(1500)).toBe(true)
    expect(outbox.stream).not.toBe(stream)
    const after = await folder.open()
    expect(after.stream).toBe(outbox.stream)
    expect(await take(after, 2)).toEqual(['t1', 't2'])
    expect(after.dropped).toBe(0)
  })

  it('stay with their stream once some were handed over', async () => {
    const outbox = await filled(2)
    await take(outbox, 1)
    expect(outbox.outrun(1)).toBe(false)
  })
})
