import { Alerts } from '@vedette/server/alerts/alerts'
import { ChangeFeed } from '@vedette/server/desk/change-feed'
import type { NamedChange } from '@vedette/server/desk/named'
import { systemClock } from '@vedette/shared/clock'
import { silentLog } from '@vedette/shared/log'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { sightingOf } from '../../support/server-sightings.ts'
import { HAND, newEntry, newPhoto, TemporaryStore } from '../../support/server-store.ts'

let stored: TemporaryStore
let clock: ManualClock
let feed: ChangeFeed
let id: string

beforeEach(async () => {
  stored = await TemporaryStore.make()
  clock = new ManualClock()
  const { alerts, entries } = stored.store
  const lists = { find: () => undefined }
  feed = new ChangeFeed({ alerts, entries, lists, clock })
  id = (await entries.add(newEntry('Erin'), [newPhoto()])).entry.id
  const rules = { store: alerts, cooldown: 1000, trail: 1000, clock: systemClock, log: silentLog }
  await new Alerts(rules).consider(sightingOf(id))
})

afterEach(async () => {
  vi.restoreAllMocks()
  await stored[Symbol.asyncDispose]()
})

const seeing = (yes: boolean) => ({ sees: () => yes })
const nameFor = async (yes: boolean) => {
  const [told] = await feed.since(0)
  return (JSON.parse(await told!.textFor(seeing(yes))) as NamedChange).alert.name
}

describe('what many follow', () => {
  it('is read, looked up and written out once for all who see the same', async () => {
    const reads = vi.spyOn(stored.store.alerts, 'changesSince')
    const lookUps = vi.spyOn(stored.store.entries, 'get')
    const all = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const [told] = await feed.since(0)
        return told!.textFor(seeing(true))
      }),
    )
    expect(new Set(all).size).toBe(1)
    expect([reads.mock.calls.length, lookUps.mock.calls.length]).toEqual([1, 1])
  })

  it('has a name only for those who see whose it is', async () => {
    expect(await nameFor(true)).toBe('Erin')
    expect(await nameFor(false)).toBeUndefined()
    expect(await nameFor(true)).toBe('Erin')
  })

  it('is read anew when there is more, and when somebody comes later', async () => {
    expect(await nameFor(true)).toBe('Erin')
    await stored.store.entryChanges.edit(id, { name: 'Frank' }, { hand: HAND, at: Date.now() })
    expect(await nameFor(true)).toBe('Erin')
    clock.advance(100)
    expect(await nameFor(true)).toBe('Frank')
    const [last] = (await feed.since(0)).slice(-1)
    expect(await feed.since(last!.change.seq)).toEqual([])
    const doing = { hand: HAND, at: Date.now(), note: null }
    await stored.store.decisions.acknowledge(last!.change.alert.id, doing)
    feed.stale()
    expect(await feed.since(last!.change.seq)).toHaveLength(1)
  })
})
