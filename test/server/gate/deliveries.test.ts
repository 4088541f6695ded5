import { Deliveries } from '@vedette/server/gate/deliveries'
import { createMetrics } from '@vedette/shared/metrics'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { LogBook } from '../../support/server-log.ts'
import { TemporaryStore } from '../../support/server-store.ts'

let stored: TemporaryStore
let clock: ManualClock
let book: LogBook
let deliveries: Deliveries
let metrics = createMetrics('server')

async function open(): Promise<void> {
  metrics = createMetrics('server')
  deliveries = await Deliveries.open({
    store: stored.store.deliveries,
    clock,
    log: book.log,
    metrics,
  })
}

beforeEach(async () => {
  stored = await TemporaryStore.make()
  clock = new ManualClock()
  book = new LogBook()
  await open()
})

afterEach(() => stored[Symbol.asyncDispose]())

const take = (agent: string, seq: number, lost?: number) =>
  deliveries.take(agent, { seq, lost }, async () => true)

async function filled(): Promise<void> {
  deliveries.begin('gate-7', { stream: 'a', first: 1 })
  deliveries.begin('gate-8', { stream: 'b', first: 1 })
  for (const seq of [1, 2, 3]) await take('gate-7', seq)
  await take('gate-8', 6, 5)
}

describe('how far agents have come', () => {
  it('is remembered over a restart of the server', async () => {
    await filled()
    await deliveries[Symbol.asyncDispose]()
    await stored.close()
    await stored.open()
    await open()
    expect([deliveries.lostOf('gate-7'), deliveries.lostOf('gate-8')]).toEqual([0, 5])
    expect(deliveries.begin('gate-7', { stream: 'a', first: 1 })).toBe(3)
    expect(await take('gate-7', 3)).toBe('repeat')
    expect(await take('gate-7', 4)).toBe('done')
  })

  it('is on disk a second later, in one write for all', async () => {
    await filled()
    clock.advance(999)
    expect(stored.rows('deliveries')).toBe(0)
    clock.advance(1)
    await expect.poll(() => stored.rows('deliveries')).toBe(2)
    expect(clock.pending).toEqual([])
  })

  it('is tried again where it could not be written', async () => {
    await filled()
    const lock = stored.elsewhere()
    lock.exec('BEGIN IMMEDIATE')
    clock.advance(1000)
    expect(await book.line('deliveries.unsaved')).toMatchObject({ code: 'store.busy' })
    lock.exec('ROLLBACK')
    clock.advance(1000)
    await expect.poll(() => stored.rows('deliveries')).toBe(2)
  })

  it('shows what was lost and what came again', async () => {
    await filled()
    await take('gate-7', 3)
    expect(await book.line('agent.gap')).toMatchObject({ agent: 'gate-8', lost: 5, seq: 6 })
    const text = await metrics.metrics()
    expect(text).toContain('vedette_deliveries_lost_total 5')
    expect(text).toContain('vedette_deliveries_repeated_total 1')
  })
})
