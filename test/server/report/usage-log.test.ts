import { UsageLog } from '@vedette/server/report/usage-log'
import { Unavailable } from '@vedette/shared/errors'
import { beforeEach, expect, it, vi } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { LogBook } from '../../support/server-log.ts'
import { newEntry, newPhoto, TemporaryStore } from '../../support/server-store.ts'

const HOUR = 3_600_000
const gate = { agent: 'gate', camera: 'north' }
const hall = { agent: 'hall', camera: 'door' }

let stored: TemporaryStore
let clock: ManualClock
let log: UsageLog

beforeEach(async () => {
  stored = await TemporaryStore.make()
  clock = new ManualClock()
  log = new UsageLog(stored.store.usage, clock, new LogBook().log)
  return () => stored[Symbol.asyncDispose]()
})

const counted = (from = 0, to = Number.MAX_SAFE_INTEGER) => stored.store.usage.cameras(from, to)

it('counts searches, walks and time by camera and hour', async () => {
  const hour = Math.floor(clock.now() / HOUR) * HOUR
  log.searched(gate)
  log.searched(gate)
  log.walked(gate)
  await log.flush()
  log.searched(gate)
  log.watched([gate, hall], 60_000)
  await log.flush()
  expect(await counted()).toEqual([
    { hour, ...gate, searches: 3, walks: 1, watchedMs: 60_000 },
    { hour, ...hall, searches: 0, walks: 0, watchedMs: 60_000 },
  ])
  clock.advance(HOUR)
  log.walked(hall)
  await log.flush()
  expect(await counted(hour + HOUR)).toEqual([
    { hour: hour + HOUR, ...hall, searches: 0, walks: 1, watchedMs: 0 },
  ])
  expect(await counted(0, hour)).toEqual([])
})

it('notes the most entries that each list had in the hour', async () => {
  const { entries, usage } = stored.store
  const { entry } = await entries.add(newEntry(), [newPhoto()])
  await entries.add(newEntry(), [newPhoto()])
  log.walked(gate)
  await log.flush()
  await stored.erase(entry.id)
  log.walked(gate)
  await log.flush()
  const sizes = await usage.lists(0, Number.MAX_SAFE_INTEGER)
  expect(sizes).toMatchObject([{ list: 'wanted', entries: 2 }])
})

it('loses no count while the disk is full', async () => {
  vi.spyOn(stored.store.usage, 'add').mockRejectedValueOnce(new Unavailable('store.full', 'full'))
  log.walked(gate)
  await log.flush()
  log.walked(gate)
  await log[Symbol.asyncDispose]()
  expect(await counted()).toMatchObject([{ walks: 2 }])
  expect(clock.pending).toEqual([])
})
