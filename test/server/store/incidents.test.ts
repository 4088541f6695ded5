import { beforeEach, describe, expect, it } from 'vitest'
import {
  HAND,
  newAlert,
  newEntry,
  newPhoto,
  seenOf,
  TemporaryStore,
  TRAIL,
} from '../../support/server-store.ts'

const at = 1_763_650_000_000
let stored: TemporaryStore
let anna: string

beforeEach(async () => {
  stored = await TemporaryStore.make()
  anna = (await stored.store.entries.add(newEntry('Anna'), [newPhoto(1)])).entry.id
  return () => stored[Symbol.asyncDispose]()
})

/** Raises an alert so long after the first, at a camera. */
const raise = async (after: number, camera: string, entryId = anna) => {
  const alert = newAlert(entryId, { camera, capturedAt: at + after })
  return (await stored.store.alerts.raise(seenOf(alert), TRAIL)).alert
}
const trails = async () =>
  (await stored.store.alerts.incidents(10)).map(({ alerts }) => alerts.map(({ camera }) => camera))

describe('alerts about one entry that follow one another', () => {
  it('are one incident across cameras, as long as none is too far from the one before', async () => {
    const first = await raise(0, 'gate')
    const second = await raise(TRAIL, 'hall')
    const third = await raise(2 * TRAIL, 'yard')
    expect([first, second, third].map(({ incident }) => incident)).toEqual(Array(3).fill(first.id))
    expect(await stored.store.alerts.incidents(10)).toMatchObject([
      { id: first.id, entryId: anna, firstAt: at, lastAt: at + 2 * TRAIL },
    ])
    expect(await trails()).toEqual([['gate', 'hall', 'yard']])
  })

  it('are another incident after a longer pause, the latest first', async () => {
    await raise(0, 'gate')
    await raise(TRAIL + 1, 'hall')
    expect(await trails()).toEqual([['hall'], ['gate']])
  })

  it('are not joined by alerts about others', async () => {
    const { entry } = await stored.store.entries.add(newEntry('Bert'), [newPhoto(2)])
    await raise(0, 'gate')
    await raise(1, 'hall', entry.id)
    expect(await trails()).toEqual([['hall'], ['gate']])
  })

  it('go on from what stands only', async () => {
    const first = await raise(0, 'gate')
    const { alerts } = stored.store
    await alerts.follow(first.id, seenOf(newAlert(anna), { standing: 'fallen' }), 'withdrawn')
    const second = await raise(1, 'hall')
    expect(second.incident).toBe(second.id)
    expect(await trails()).toEqual([['hall']])
    await stored.store.decisions.resolve(second.id, 'false', { hand: HAND, at, note: null })
    expect(await trails()).toEqual([])
    expect((await raise(2, 'yard')).incident).not.toBe(second.id)
  })

  it('that came late join what was seen around that time', async () => {
    const now = await raise(0, 'gate')
    expect((await raise(-TRAIL, 'hall')).incident).toBe(now.id)
    expect(await trails()).toEqual([['hall', 'gate']])
  })
})
