import type { AlertStore } from '@vedette/server/store/alerts'
import { Refusal } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  HAND,
  newAlert,
  newEntry,
  newPhoto,
  seenOf,
  TemporaryStore,
  TRAIL,
  UNJUDGED,
} from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const chip = Buffer.from('chip')

let stored: TemporaryStore
let alerts: AlertStore
let entryId: string

beforeEach(async () => {
  stored = await TemporaryStore.make()
  alerts = stored.store.alerts
  entryId = (await stored.store.entries.add(newEntry(), [newPhoto()])).entry.id
})

afterEach(() => stored[Symbol.asyncDispose]())

const acknowledge = (id: string, at: number, hand = HAND) =>
  stored.store.decisions.acknowledge(id, { hand, at, note: null })

describe('an alert', () => {
  it('is raised as it was made, open and with one shot', async () => {
    const alert = newAlert(entryId)
    const change = await alerts.raise(seenOf(alert), TRAIL)
    const expected = {
      ...alert,
      incident: alert.id,
      state: 'open',
      shots: 1,
      acknowledgedAt: null,
      acknowledgedBy: null,
      place: null,
      ...UNJUDGED,
    }
    const frame = { track: alert.track, shot: 0 }
    const raised = { seq: 1, kind: 'raised', at: alert.raisedAt, by: null, outcome: null }
    expect(change).toEqual({ ...raised, frame, alert: expected })
    expect(await alerts.get(alert.id)).toEqual(expected)
    expect((await alerts.chip(alert.id)).equals(chip)).toBe(true)
  })

  it.each([null, 0, -0.3, -1, 1])('keeps the score of the next entry, %d', async (runnerUp) => {
    const { alert } = await alerts.raise(seenOf(newAlert(entryId, { runnerUp })), TRAIL)
    expect((await alerts.get(alert.id)).runnerUp).toBe(runnerUp)
  })

  it('takes better evidence in the place of what it has', async () => {
    const { alert } = await alerts.raise(seenOf(newAlert(entryId)), TRAIL)
    const better = newAlert(entryId, {
      score: 0.99,
      quality: 0.9,
      capturedAt: alert.capturedAt + 500,
    })
    const change = await alerts.follow(
      alert.id,
      seenOf(better, { chip: Buffer.from('better') }),
      'improved',
    )
    const { score, quality, capturedAt } = better
    expect(change).toMatchObject({
      kind: 'improved',
      alert: { ...alert, score, quality, capturedAt, shots: 2 },
    })
    expect((await alerts.chip(alert.id)).toString()).toBe('better')
  })

  it.each([0.96, 0.95])('only counts evidence that is not better: %d', async (score) => {
    const { alert } = await alerts.raise(seenOf(newAlert(entryId)), TRAIL)
    expect(
      await alerts.follow(
        alert.id,
        seenOf(newAlert(entryId, { score }), { chip: Buffer.from('worse') }),
        undefined,
      ),
    ).toBeUndefined()
    expect(await alerts.get(alert.id)).toEqual({ ...alert, shots: 2 })
    expect((await alerts.chip(alert.id)).equals(chip)).toBe(true)
    expect(await alerts.lastChange()).toBe(1)
  })

  it('is acknowledged once, by one', async () => {
    const { alert } = await alerts.raise(seenOf(newAlert(entryId)), TRAIL)
    const change = await acknowledge(alert.id, 77)
    expect(change).toMatchObject({
      seq: 2,
      kind: 'acknowledged',
      alert: { state: 'acknowledged', acknowledgedAt: 77, acknowledgedBy: 'anna' },
    })
    const error = await rejectionOf(acknowledge(alert.id, 78, { ...HAND, by: 'bert' }), Refusal)
    expect(error.code).toBe('alert.wrong-state')
    expect(await alerts.get(alert.id)).toEqual(change.alert)
  })

  it('stays acknowledged when better evidence comes', async () => {
    const { alert } = await alerts.raise(seenOf(newAlert(entryId)), TRAIL)
    await acknowledge(alert.id, 77)
    const change = await alerts.follow(
      alert.id,
      seenOf(newAlert(entryId, { score: 0.99 })),
      'improved',
    )
    expect(change?.alert).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'anna',
      score: 0.99,
    })
  })

  it.each(['get', 'chip'] as const)('that is none is refused: %s', async (method) => {
    expect((await rejectionOf(alerts[method]('none'), Refusal)).code).toBe('alert.not-found')
    expect((await rejectionOf(acknowledge('none', 1), Refusal)).code).toBe('alert.not-found')
  })

  it('is not raised about somebody who was removed, and loses its picture with them', async () => {
    const { alert } = await alerts.raise(seenOf(newAlert(entryId)), TRAIL)
    await stored.erase(entryId)
    const raising = rejectionOf(alerts.raise(seenOf(newAlert(entryId)), TRAIL), Refusal)
    expect((await raising).code).toBe('entry.not-found')
    expect((await rejectionOf(alerts.chip(alert.id), Refusal)).code).toBe('alert.not-found')
    expect(await alerts.list({ limit: 10 })).toEqual([alert])
  })

  it('is not raised about somebody who is removed at that very moment', async () => {
    for (let turns = 0; turns < 30; turns++) {
      const { entry } = await stored.store.entries.add(newEntry(), [newPhoto()])
      const raising = alerts.raise(seenOf(newAlert(entry.id)), TRAIL).catch(() => undefined)
      for (let i = 0; i < turns; i++) await Promise.resolve()
      await stored.erase(entry.id)
      const known = stored.rows('alerts')
      await raising
      expect([turns, stored.rows('alerts')]).toEqual([turns, known])
    }
  })

  it('leaves no trace when its event cannot be written', async () => {
    stored.elsewhere().exec(`
      CREATE TRIGGER fails BEFORE INSERT ON alertEvents BEGIN SELECT RAISE(ABORT, 'no'); END
    `)
    await expect(alerts.raise(seenOf(newAlert(entryId)), TRAIL)).rejects.toMatchObject({
      code: 'store.failed',
    })
    expect([stored.rows('alerts'), await alerts.lastChange()]).toEqual([0, 0])
  })
})

describe('finding what a sighting goes on with', () => {
  const at = 1_763_650_000_000
  const sighting = { agent: 'gate-7', camera: 'north', track: 'walk', capturedAt: at }
  const MINUTE = 60_000

  it.each([
    ['its own track, however old', { track: 'walk', capturedAt: at - 9_000_000 }, true],
    ['its own track at another camera', { track: 'walk', camera: 'south' }, true],
    ['another track at the same camera a minute before', { capturedAt: at - MINUTE }, true],
    ['another track at the same camera a minute later', { capturedAt: at + MINUTE }, true],
    ['another track at the same camera long before', { capturedAt: at - MINUTE - 1 }, false],
    ['another track at the same camera long after', { capturedAt: at + MINUTE + 1 }, false],
    ['another camera of the same agent', { camera: 'south' }, false],
    ['a camera of that name at another agent', { agent: 'gate-8' }, false],
    ['the same track at another agent', { agent: 'gate-8', track: 'walk' }, false],
  ])('takes %s: %o is %s', async (_what, more, expected) => {
    const { alert } = await alerts.raise(seenOf(newAlert(entryId, more)), TRAIL)
    const found = await alerts.find({ ...sighting, entryId }, MINUTE)
    expect(found?.id).toBe(expected ? alert.id : undefined)
    const { entry } = await stored.store.entries.add(newEntry(), [newPhoto(2)])
    expect(await alerts.find({ ...sighting, entryId: entry.id }, MINUTE)).toBeUndefined()
  })

  it('prefers its own track to what the camera saw since', async () => {
    const own = await alerts.raise(
      seenOf(newAlert(entryId, { track: 'walk', capturedAt: at - 90_000 })),
      TRAIL,
    )
    await alerts.raise(seenOf(newAlert(entryId, { capturedAt: at - 1000 })), TRAIL)
    expect((await alerts.find({ ...sighting, entryId }, MINUTE))?.id).toBe(own.alert.id)
  })
})

describe('the list of alerts', () => {
  it('is newest first, by state, so many, and from one on', async () => {
    const ids: string[] = []
    for (let i = 0; i < 6; i++)
      ids.push((await alerts.raise(seenOf(newAlert(entryId)), TRAIL)).alert.id)
    for (const id of ids.slice(0, 2)) await acknowledge(id, 1)
    const listed = async (filter: Parameters<AlertStore['list']>[0]) =>
      (await alerts.list(filter)).map(({ id }) => ids.indexOf(id))
    expect(await listed({ limit: 50 })).toEqual([5, 4, 3, 2, 1, 0])
    expect(await listed({ limit: 2 })).toEqual([5, 4])
    expect(await listed({ limit: 2, before: ids[4] })).toEqual([3, 2])
    expect(await listed({ limit: 50, state: 'open' })).toEqual([5, 4, 3, 2])
    expect(await listed({ limit: 50, state: 'acknowledged' })).toEqual([1, 0])
    expect(await listed({ limit: 50, state: 'open', before: ids[3] })).toEqual([2])
    expect(await listed({ limit: 50, before: ids[0] })).toEqual([])
  })
})

describe('changes', () => {
  it('are numbered in the order in which they happened', async () => {
    expect([await alerts.lastChange(), await alerts.changesSince(0)]).toEqual([0, []])
    const first = await alerts.raise(seenOf(newAlert(entryId)), TRAIL)
    const second = await alerts.raise(seenOf(newAlert(entryId)), TRAIL)
    const third = await alerts.follow(
      first.alert.id,
      seenOf(newAlert(entryId, { score: 0.99 })),
      'improved',
    )
    const last = await acknowledge(second.alert.id, 1)
    const all = await alerts.changesSince(0)
    expect(all.map(({ seq, kind, alert }) => [seq, kind, alert.id])).toEqual(
      [first, second, third!, last].map(({ seq, kind, alert }) => [seq, kind, alert.id]),
    )
    expect(all.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    expect((await alerts.changesSince(2)).map(({ seq }) => seq)).toEqual([3, 4])
    expect((await alerts.changesSince(0, 3)).map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(await alerts.lastChange()).toBe(4)
  })

  it('keep their numbers after the server starts again', async () => {
    await alerts.raise(seenOf(newAlert(entryId)), TRAIL)
    await stored.close()
    const again = (await stored.open()).alerts
    expect((await again.raise(seenOf(newAlert(entryId)), TRAIL)).seq).toBe(2)
  })
})
