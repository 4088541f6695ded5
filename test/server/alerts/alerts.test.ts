import { Alerts } from '@vedette/server/alerts/alerts'
import { Decisions } from '@vedette/server/alerts/decisions'
import { Rejections } from '@vedette/server/matching/rejections'
import type { AlertChange } from '@vedette/server/store/alerts'
import { IntegrityFault, Refusal } from '@vedette/shared/errors'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { LogBook } from '../../support/server-log.ts'
import { sightingOf } from '../../support/server-sightings.ts'
import { HAND, newEntry, newPhoto, TemporaryStore, TRAIL } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const COOLDOWN = 60_000
const at = 1_763_650_000_000

let stored: TemporaryStore
let clock: ManualClock
let book: LogBook
let alerts: Alerts
let decisions: Decisions
let told: AlertChange[]
let anna: string
let bert: string

beforeEach(async () => {
  stored = await TemporaryStore.make()
  clock = new ManualClock()
  book = new LogBook()
  alerts = new Alerts({
    store: stored.store.alerts,
    cooldown: COOLDOWN,
    trail: TRAIL,
    clock,
    log: book.log,
  })
  const rejections = await Rejections.open(stored.store.rejections)
  decisions = new Decisions({ store: stored.store.decisions, alerts, rejections, clock })
  told = []
  alerts.listen((change) => told.push(change))
  anna = (await stored.store.entries.add(newEntry('Anna'), [newPhoto(1)])).entry.id
  bert = (await stored.store.entries.add(newEntry('Bert'), [newPhoto(2)])).entry.id
  return () => stored[Symbol.asyncDispose]()
})

const all = () => stored.store.alerts.list({ limit: 500 })
const kinds = () => told.map(({ kind }) => kind)

describe('a sighting', () => {
  it('raises an alert that says what was seen', async () => {
    const sighting = sightingOf(anna, { runnerUp: 0.4 })
    await alerts.consider(sighting)
    const { probe, evidence: _, standing: __, certain: ___, ...rest } = sighting
    const { agent, camera, track, capturedAt, receivedAt, quality, box } = probe
    const seen = { agent, camera, track, capturedAt, receivedAt, quality, box, ...rest }
    expect(await all()).toMatchObject([{ ...seen, raisedAt: clock.now(), state: 'open', shots: 1 }])
    const frame = { track, shot: 0 }
    const raised = { seq: 1, kind: 'raised', at: clock.now(), by: null, outcome: null }
    expect(told).toEqual([{ ...raised, frame, alert: (await all())[0] }])
  })

  it('goes on with the alert of its track: better replaces, worse counts', async () => {
    const probe = { track: 'one-walk' }
    for (const score of [0.96, 0.98, 0.97, 0.99]) {
      await alerts.consider(sightingOf(anna, { score, probe }))
    }
    expect(await all()).toMatchObject([{ score: 0.99, shots: 4 }])
    expect(kinds()).toEqual(['raised', 'improved', 'improved'])
  })

  it('goes on with the alert of its track long after the cooldown, at whatever camera', async () => {
    await alerts.consider(sightingOf(anna, { probe: { track: 'one-walk' } }))
    const later = { track: 'one-walk', camera: 'south', capturedAt: at + 100 * COOLDOWN }
    await alerts.consider(sightingOf(anna, { score: 0.99, probe: later }))
    expect(await all()).toMatchObject([{ score: 0.99, shots: 2 }])
  })

  it('by the same camera within the cooldown goes on with the alert, though the track is new', async () => {
    await alerts.consider(sightingOf(anna))
    await alerts.consider(sightingOf(anna, { probe: { capturedAt: at + COOLDOWN } }))
    await alerts.consider(sightingOf(anna, { score: 0.99, probe: { capturedAt: at + COOLDOWN } }))
    expect(await all()).toMatchObject([{ shots: 3, score: 0.99 }])
    expect(kinds()).toEqual(['raised', 'improved'])
  })

  it.each([
    ['by the same camera after the cooldown', { capturedAt: at + COOLDOWN + 1 }],
    ['long before, that only comes now', { capturedAt: at - COOLDOWN - 1 }],
    ['by another camera at the same moment', { camera: 'south' }],
    ['by a camera of that name at another agent', { agent: 'gate-8' }],
  ])('%s is another alert', async (_what, probe) => {
    await alerts.consider(sightingOf(anna))
    await alerts.consider(sightingOf(anna, { probe }))
    expect(await all()).toHaveLength(2)
    expect(kinds()).toEqual(['raised', 'raised'])
  })

  it('that comes again, as after a crash of the server, changes nothing and tells nobody', async () => {
    const walk = Array.from({ length: 4 }, (_, shot) =>
      sightingOf(anna, { score: 0.96 + shot / 100, probe: { track: 'walk', shot } }),
    )
    const follower = sightingOf(anna, { score: 0.999, probe: { track: 'next', shot: 0 } })
    for (const sighting of [...walk, follower]) await alerts.consider(sighting)
    const [before, said] = [await all(), told.length]
    for (const sighting of [...walk, follower]) {
      // A server that begins anew knows less of the walk, and may make more of the frame.
      await alerts.consider({ ...sighting, score: 0.9999, certain: true })
    }
    expect(await all()).toEqual(before)
    expect(told).toHaveLength(said)
    expect((await stored.store.alerts.frames(before[0]!.id)).length).toBe(5)
  })

  it('of long ago says so, and is one with others by when they were captured', async () => {
    const receivedAt = at + 900_000
    const seen = (capturedAt: number) => sightingOf(anna, { probe: { capturedAt, receivedAt } })
    for (const age of [0, 30_000, 200_000]) await alerts.consider(seen(at + age))
    expect(kinds()).toEqual(['raised', 'raised'])
    const known = (await all()).toReversed()
    expect(known).toMatchObject([
      { capturedAt: at, receivedAt, late: true, shots: 2 },
      { capturedAt: at + 200_000, receivedAt, late: true, shots: 1 },
    ])
    expect(known[0]!.incident).toBe(known[1]!.incident)
  })

  it('is late from more than ten seconds on', async () => {
    for (const age of [10_000, 10_001]) {
      const probe = { camera: `after ${age}`, capturedAt: at, receivedAt: at + age }
      await alerts.consider(sightingOf(anna, { probe }))
    }
    expect((await all()).map(({ late }) => late)).toEqual([true, false])
  })

  it('of now makes what was what is, and says so', async () => {
    const track = 'stands there'
    const long = { track, capturedAt: at, receivedAt: at + 60_000 }
    await alerts.consider(sightingOf(anna, { score: 0.97, probe: long }))
    await alerts.consider(sightingOf(anna, { score: 0.96, probe: { ...long, capturedAt: at + 9 } }))
    const now = { track, capturedAt: at + 60_000, receivedAt: at + 60_040 }
    await alerts.consider(sightingOf(anna, { score: 0.96, probe: now }))
    expect(kinds()).toEqual(['raised', 'current'])
    expect(told.map(({ alert }) => alert.late)).toEqual([true, false])
    await alerts.consider(sightingOf(anna, { score: 0.96, probe: { ...now, shot: 77 } }))
    expect(kinds()).toEqual(['raised', 'current'])
    expect(await all()).toMatchObject([{ late: false, certainty: 'provisional' }])
  })

  it('of somebody else on the same track is another alert', async () => {
    await alerts.consider(sightingOf(anna, { probe: { track: 'one-walk' } }))
    await alerts.consider(sightingOf(bert, { probe: { track: 'one-walk' } }))
    expect((await all()).map(({ entryId }) => entryId).sort()).toEqual([anna, bert].sort())
  })

  it('of somebody who was removed raises nothing, and is done with', async () => {
    await stored.erase(anna)
    await alerts.consider(sightingOf(anna))
    expect([await all(), told]).toEqual([[], []])
    await alerts.consider(sightingOf(bert))
    expect(kinds()).toEqual(['raised'])
  })

  it('that cannot be written for good is given back, and the next one goes on', async () => {
    const raise = vi.spyOn(stored.store.alerts, 'raise')
    raise.mockRejectedValueOnce(new IntegrityFault('vault.changed', 'damaged'))
    const [first, second] = [alerts.consider(sightingOf(anna)), alerts.consider(sightingOf(bert))]
    expect((await rejectionOf(first, IntegrityFault)).code).toBe('vault.changed')
    await second
    expect(await all()).toMatchObject([{ entryId: bert }])
  })
})

describe('whoever listens', () => {
  it('is told of what another process can already read', async () => {
    const elsewhere = stored.elsewhere().prepare('SELECT score, state FROM alerts WHERE id = ?')
    const read: unknown[] = []
    alerts.listen(({ alert: { id } }) => read.push(elsewhere.get(id)))
    const probe = { track: 'one-walk' }
    await alerts.consider(sightingOf(anna, { score: 0.96, probe }))
    await alerts.consider(sightingOf(anna, { score: 0.99, probe }))
    await decisions.acknowledge(told[0]!.alert.id, HAND, null)
    expect(read).toEqual([
      { score: 0.96, state: 'open' },
      { score: 0.99, state: 'open' },
      { score: 0.99, state: 'acknowledged' },
    ])
  })

  it('is told in the order in which the sightings came, however many at once', async () => {
    const ids = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const { entry } = await stored.store.entries.add(newEntry(`e${i}`), [newPhoto(i)])
        return entry.id
      }),
    )
    await Promise.all(ids.map((id) => alerts.consider(sightingOf(id))))
    expect(told.map(({ alert }) => alert.entryId)).toEqual(ids)
    expect(told.map(({ seq }) => seq)).toEqual(ids.map((_, i) => i + 1))
    expect(await stored.store.alerts.changesSince(0)).toEqual(told)
  })

  it('makes one alert of a crowd of shots of one walk', async () => {
    const scores = Array.from({ length: 40 }, (_, i) => 0.95 + ((i * 7) % 40) / 1000)
    const probe = { track: 'one-walk' }
    await Promise.all(scores.map((score) => alerts.consider(sightingOf(anna, { score, probe }))))
    expect(await all()).toMatchObject([{ shots: 40, score: Math.max(...scores) }])
  })

  it('is told no more once it has said so', async () => {
    const other: AlertChange[] = []
    const unlisten = alerts.listen((change) => other.push(change))
    await alerts.consider(sightingOf(anna))
    unlisten()
    await alerts.consider(sightingOf(bert))
    expect([other.length, told.length]).toEqual([1, 2])
  })

  it('finds every change in the log, and nobody by name', async () => {
    await alerts.consider(sightingOf(anna))
    await decisions.acknowledge(told[0]!.alert.id, HAND, 'a note for colleagues')
    const [raised] = book.of('alert.raised')
    expect(raised).toMatchObject({
      alert: told[0]!.alert.id,
      agent: 'gate-7',
      camera: 'north',
      score: 0.96,
    })
    expect(book.of('alert.acknowledged')).toHaveLength(1)
    expect(JSON.stringify(book.lines)).not.toMatch(/Anna|chip|note/)
  })
})

describe('acknowledging', () => {
  it('is for the first who does', async () => {
    await alerts.consider(sightingOf(anna))
    const { id } = told[0]!.alert
    const attempts = ['anna', 'bert'].map((by) => decisions.acknowledge(id, { ...HAND, by }, null))
    const [first, second] = await Promise.allSettled(attempts)
    expect(first).toMatchObject({ value: { acknowledgedBy: 'anna' } })
    expect(second).toMatchObject({
      reason: { code: 'alert.wrong-state', message: expect.stringContaining('by anna') },
    })
    expect(kinds()).toEqual(['raised', 'acknowledged'])
  })

  it('of what is not there is refused, and the next goes on', async () => {
    const refused = rejectionOf(decisions.acknowledge('none', HAND, null), Refusal)
    const considered = alerts.consider(sightingOf(anna))
    expect((await refused).code).toBe('alert.not-found')
    await considered
    expect(kinds()).toEqual(['raised'])
  })
})
