import type { ThresholdStore } from '@vedette/server/store/thresholds'
import { Scores } from '@vedette/server/thresholds/scores'
import { IntegrityFault } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HAND, newEntry, newPhoto, SPACE, TemporaryStore } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

let stored: TemporaryStore
let store: ThresholdStore

beforeEach(async () => {
  stored = await TemporaryStore.make()
  store = stored.store.thresholds
})

afterEach(() => stored[Symbol.asyncDispose]())

function learned(camera = 'north', walks = 3) {
  const scores = new Scores()
  for (let i = 0; i < walks; i++) scores.walk(0.9 + i / 100, 10, 0.95)
  scores.alerted()
  scores.watched(60_000)
  return { agent: 'gate-7', camera, scores, since: 5 }
}

describe('what strangers scored', () => {
  it('is read as it was saved, each camera and embedding space by itself', async () => {
    await store.saveImpostors(SPACE, [learned('north'), learned('south', 7)], 10)
    await store.saveImpostors('another', [learned('north', 1)], 10)
    const [north, south, ...others] = await store.impostors(SPACE)
    expect(others).toEqual([])
    expect(north).toMatchObject({ agent: 'gate-7', camera: 'north', since: 5 })
    expect(north!.scores).toMatchObject({ walks: 3, squares: 300, doubtful: 1, watchedMs: 60_000 })
    expect(north!.scores.encode()).toEqual(learned('north').scores.encode())
    expect(south!.scores.walks).toBe(7)
  })

  it('is replaced, and began when it began', async () => {
    await store.saveImpostors(SPACE, [learned('north', 3)], 10)
    await store.saveImpostors(SPACE, [{ ...learned('north', 9), since: 99 }], 20)
    const [north] = await store.impostors(SPACE)
    expect([north!.scores.walks, north!.since]).toEqual([9, 5])
    expect(stored.rows('impostors')).toBe(1)
  })

  it('is refused where it is damaged', async () => {
    await store.saveImpostors(SPACE, [learned()], 10)
    stored.elsewhere().prepare('UPDATE impostors SET histogram = ?').run(Buffer.alloc(7))
    expect((await rejectionOf(store.impostors(SPACE), IntegrityFault)).code).toBe('store.damaged')
  })
})

describe('budgets on disk', () => {
  const budget = {
    scope: 'camera',
    target: 'gate-7/north',
    budget: 2,
    setBy: 'anna',
    setAt: 7,
  } as const

  it('are one for each place, the last that was set', async () => {
    await store.setBudget(budget, HAND)
    await store.setBudget({ ...budget, budget: 0.25, setBy: 'bert' }, HAND)
    await store.setBudget({ ...budget, scope: 'server', target: '' }, HAND)
    expect(await store.budgets()).toEqual([
      { ...budget, budget: 0.25, setBy: 'bert' },
      { ...budget, scope: 'server', target: '' },
    ])
    await store.unsetBudget(budget, HAND, 2)
    expect(await store.budgets()).toHaveLength(1)
  })
})

describe('the lengths of lists', () => {
  it('count entries, and empty lists too', async () => {
    expect([...(await store.listSizes())]).toEqual([['wanted', 0]])
    await stored.store.entries.add(newEntry(), [newPhoto(1), newPhoto(2)])
    expect([...(await store.listSizes())]).toEqual([['wanted', 1]])
  })
})
