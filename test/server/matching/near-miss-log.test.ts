import {
  type NearMissLog,
  nearMissOf,
  openNearMissLog,
} from '@vedette/server/matching/near-miss-log'
import { Walk } from '@vedette/server/matching/walk'
import { Unavailable } from '@vedette/shared/errors'
import { beforeEach, expect, it, vi } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { LogBook } from '../../support/server-log.ts'
import { newEntry, newPhoto, TemporaryStore } from '../../support/server-store.ts'
import { eventually } from '../../support/until.ts'

let stored: TemporaryStore
let clock: ManualClock
let book: LogBook
let log: NearMissLog
let entryId: string

beforeEach(async () => {
  stored = await TemporaryStore.make()
  clock = new ManualClock()
  book = new LogBook()
  log = openNearMissLog(stored.store.nearMisses, clock, book.log)
  entryId = (await stored.store.entries.add(newEntry(), [newPhoto()])).entry.id
  return () => stored[Symbol.asyncDispose]()
})

const walk = new Walk({ agent: 'gate-7', camera: 'north', track: 'walk' }, 128)
const near = (score: number, to = entryId) =>
  log.add(nearMissOf(walk, { entryId: to, list: 'wanted', templateId: `t${score}`, score }))
const kept = () => stored.store.nearMisses.all()

it('writes counts once a minute, not when somebody passes', async () => {
  near(0.94)
  near(0.945)
  near(0.93)
  expect(await kept()).toEqual([])
  clock.advance(60_000)
  await eventually(async () => expect(await kept()).toHaveLength(1))
  expect(await kept()).toMatchObject([{ walks: 3, highest: 0.945, templateId: 't0.945' }])
  near(0.942)
  await log.flush()
  expect(await kept()).toMatchObject([{ walks: 4, highest: 0.945 }])
})

it('loses no count while the disk is full', async () => {
  const add = vi.spyOn(stored.store.nearMisses, 'add')
  add.mockRejectedValueOnce(new Unavailable('store.full', 'full'))
  near(0.94)
  await log.flush()
  near(0.93)
  expect(book.of('tally.waiting')).toMatchObject([{ of: 'near-misses', code: 'store.full' }])
  await log[Symbol.asyncDispose]()
  expect(await kept()).toMatchObject([{ walks: 2, highest: 0.94 }])
  expect(clock.pending).toEqual([])
})

it('drops what is about entries that are gone, with them', async () => {
  near(0.94)
  await log.flush()
  near(0.94, 'gone')
  await log.flush()
  expect(await kept()).toHaveLength(1)
  await stored.erase(entryId)
  expect(await kept()).toEqual([])
})
