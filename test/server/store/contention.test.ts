import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Alerts } from '@vedette/server/alerts/alerts'
import { Store } from '@vedette/server/store/store'
import { Unavailable } from '@vedette/shared/errors'
import type BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { LogBook } from '../../support/server-log.ts'
import { sightingOf } from '../../support/server-sightings.ts'
import {
  newAlert,
  newEntry,
  newPhoto,
  SPACE,
  seenOf,
  TemporaryStore,
  TRAIL,
} from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

/** What a wait of 50 ms may take on a machine that others use too. */
const SOON_MS = 150
const HELD_MS = 300
/** 60 ms, and what others on this machine may take away. */
const MOST_STALL_MS = 120

let stored: TemporaryStore
let entryId: string
let other: BetterSqlite3.Database

beforeEach(async () => {
  stored = await TemporaryStore.make()
  entryId = (await stored.store.entries.add(newEntry(), [newPhoto()])).entry.id
  other = stored.elsewhere()
})

afterEach(() => stored[Symbol.asyncDispose]())

/** The longest that the event loop stood still meanwhile, milliseconds. */
async function longestStall(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  await new Promise((resolve) => setTimeout(resolve, 20)) // until it measures
  delay.reset()
  await work()
  await new Promise((resolve) => setTimeout(resolve, 20))
  delay.disable()
  return delay.max / 1e6
}

const AGENT = { name: 'gate-7', serial: '1', software: 'x', cameras: [] }
const writesTo = ({ entries, alerts, agents, pulse }: Store) => [
  () => entries.add(newEntry(), [newPhoto()]),
  () => alerts.raise(seenOf(newAlert(entryId), { chip: Buffer.from('chip') }), TRAIL),
  () => agents.welcomed(AGENT, 1),
  () => pulse.beat(1),
]

describe('while another process holds the write lock', () => {
  it('writes wait for it, nothing else does, and all come', async () => {
    const { agents, entries } = stored.store
    other.exec('BEGIN IMMEDIATE')
    const done: number[] = []
    const stall = await longestStall(async () => {
      const writes = [...writesTo(stored.store), ...writesTo(stored.store)]
      const writing = writes.map((write, i) => write().then(() => done.push(i)))
      await new Promise((resolve) => setTimeout(resolve, HELD_MS))
      expect(done).toEqual([])
      expect(await entries.all()).toHaveLength(1)
      other.exec('ROLLBACK')
      await Promise.all(writing)
    })
    expect(stall).toBeLessThan(MOST_STALL_MS)
    expect(done).toEqual(done.toSorted((p, q) => p - q))
    expect(await entries.all()).toHaveLength(3)
    expect(await agents.all()).toHaveLength(1)
    expect(stored.store.condition.troubles).toEqual([])
  })

  it('a write that has waited for as long as it may says busy, and has done nothing', async () => {
    await stored.close()
    const store = await stored.open({ patience: 0 })
    other.exec('BEGIN IMMEDIATE')
    for (const write of writesTo(store)) {
      const error = await rejectionOf(write(), Unavailable)
      expect([error.code, error.retryable]).toEqual(['store.busy', true])
    }
    expect(store.condition.troubles).toMatchObject([{ code: 'store.busy' }])
    other.exec('ROLLBACK')
    expect(await store.entries.all()).toHaveLength(1)
    for (const write of writesTo(store)) await write()
    expect(store.condition.troubles).toEqual([])
  })

  it('reading goes on', async () => {
    other.exec('BEGIN IMMEDIATE')
    const { entries, alerts } = stored.store
    expect(await entries.all()).toHaveLength(1)
    expect(await entries.templates(SPACE)).toHaveLength(1)
    expect(await alerts.list({ limit: 10 })).toEqual([])
  })

  it('an alert waits, tries every second, and is raised when the lock is gone', async () => {
    await stored.close()
    await stored.open({ patience: 0 })
    const clock = new ManualClock()
    const book = new LogBook()
    const alerts = new Alerts({
      store: stored.store.alerts,
      cooldown: 1000,
      trail: 600_000,
      clock,
      log: book.log,
    })
    other.exec('BEGIN IMMEDIATE')
    const raising = ['one', 'two', 'three'].map((camera) =>
      alerts.consider(sightingOf(entryId, { probe: { camera } })),
    )
    for (let i = 0; i < 3; i++) expect(await clock.pass()).toBe(1000)
    expect(stored.rows('alerts')).toBe(0)
    await clock.sleeping()
    other.exec('ROLLBACK')
    clock.advance(1000)
    await Promise.all(raising)
    const raised = await stored.store.alerts.list({ limit: 10 })
    expect(raised.map(({ camera }) => camera)).toEqual(['three', 'two', 'one'])
    const waiting = book.of('alert.waiting')
    expect(waiting).toHaveLength(4)
    expect(waiting.every(({ code, level }) => code === 'store.busy' && level === 'error')).toBe(
      true,
    )
  })

  it('an alert that still waits when the server stops is given up, unacknowledged', async () => {
    await stored.close()
    await stored.open({ patience: 0 })
    const clock = new ManualClock()
    const { log } = new LogBook()
    const alerts = new Alerts({
      store: stored.store.alerts,
      cooldown: 1000,
      trail: 600_000,
      clock,
      log,
    })
    other.exec('BEGIN IMMEDIATE')
    const raising = rejectionOf(alerts.consider(sightingOf(entryId)), Unavailable)
    await clock.sleeping()
    alerts.stop()
    expect((await raising).message).toContain('stopping')
    expect(clock.pending).toEqual([])
  })

  it('opening says busy as soon, where nothing can be read either', async () => {
    await stored.close()
    other.pragma('locking_mode = EXCLUSIVE')
    other.exec('BEGIN EXCLUSIVE; CREATE TABLE mine (x); COMMIT')
    const started = performance.now()
    const opening = Store.open({ file: stored.file, keyFile: stored.keyFile })
    expect((await rejectionOf(opening, Unavailable)).code).toBe('store.busy')
    expect(performance.now() - started).toBeLessThan(SOON_MS)
  })
})
