import { Alerts } from '@vedette/server/alerts/alerts'
import { Decisions } from '@vedette/server/alerts/decisions'
import { Escalation } from '@vedette/server/alerts/escalation'
import { Rejections } from '@vedette/server/matching/rejections'
import type { AlertChange } from '@vedette/server/store/alerts'
import { Refusal } from '@vedette/shared/errors'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { LogBook } from '../../support/server-log.ts'
import { sightingOf } from '../../support/server-sightings.ts'
import { HAND, newEntry, newPhoto, TemporaryStore, TRAIL } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const MINUTE = 60_000
const BERT = { ...HAND, by: 'bert' }

let stored: TemporaryStore
let clock: ManualClock
let alerts: Alerts
let decisions: Decisions
let escalation: Escalation
let told: AlertChange[]
let entryId: string

async function start() {
  const { store } = stored
  const { log } = new LogBook()
  alerts = new Alerts({ store: store.alerts, cooldown: 1000, trail: TRAIL, clock, log })
  alerts.listen((change) => told.push(change))
  const rejections = await Rejections.open(store.rejections)
  decisions = new Decisions({ store: store.decisions, alerts, rejections, clock })
  escalation = new Escalation({ store: store.decisions, alerts, clock, log })
}

beforeEach(async () => {
  stored = await TemporaryStore.make()
  clock = new ManualClock()
  told = []
  entryId = (await stored.store.entries.add(newEntry(), [newPhoto()])).entry.id
  stored.elsewhere().exec('UPDATE lists SET priority = 1')
  await start()
  return async () => {
    await escalation[Symbol.asyncDispose]()
    await stored[Symbol.asyncDispose]()
  }
})

async function raise(): Promise<string> {
  await alerts.consider(sightingOf(entryId, { probe: { camera: `c${told.length}` } }))
  return told.at(-1)!.alert.id
}

/** Lets so much time pass; gives what happened in it. */
async function pass(ms: number): Promise<string[]> {
  const from = told.length
  for (let left = ms; left > 0; left -= MINUTE) {
    clock.advance(Math.min(left, MINUTE))
    for (let i = 0; i < 60; i++) await new Promise(setImmediate)
  }
  return told.slice(from).map(({ kind }) => kind)
}

const codeOf = async (made: Promise<unknown>) => (await rejectionOf(made, Refusal)).code
const get = (id: string) => stored.store.alerts.get(id)
const twoPersons = () => stored.elsewhere().exec('UPDATE lists SET confirmations = 2')

describe('a parked alert', () => {
  it('calls nobody until its time is up, and is then as open as a new one', async () => {
    const id = await raise()
    await decisions.park(id, 20 * MINUTE, HAND, 'asked the guard')
    expect(await get(id)).toMatchObject({ state: 'parked', parkedBy: HAND.by, takeBack: {} })
    expect(await pass(20 * MINUTE - 1)).toEqual([])
    expect(await pass(1)).toEqual(['returned'])
    expect(await get(id)).toMatchObject({ state: 'open', parkedUntil: null, parkedBy: null })
    expect(await pass(5 * MINUTE)).toEqual(['escalated'])
  })

  it('is open at once where its time was up while the server was down', async () => {
    const id = await raise()
    await decisions.park(id, 2 * MINUTE, HAND, null)
    await escalation[Symbol.asyncDispose]()
    clock.advance(60 * MINUTE)
    await start()
    expect(await pass(1)).toEqual(['returned'])
    expect(await get(id)).toMatchObject({ state: 'open', openSince: clock.now() })
  })

  it('stays with whoever takes it meanwhile', async () => {
    const id = await raise()
    await decisions.park(id, 2 * MINUTE, HAND, null)
    await decisions.take(id, BERT, null)
    expect(await pass(30 * MINUTE)).toEqual([])
    expect(await get(id)).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'bert' })
  })
})

it('somebody else takes over what somebody sees to, which is told; nobody takes their own again', async () => {
  const id = await raise()
  await decisions.take(id, HAND, null)
  await decisions.take(id, BERT, 'end of shift')
  expect(told.map(({ kind, by }) => [kind, by])).toEqual([
    ['raised', null],
    ['acknowledged', HAND.by],
    ['taken', 'bert'],
  ])
  expect(await codeOf(decisions.take(id, BERT, null))).toBe('alert.wrong-state')
  expect(await codeOf(decisions.acknowledge(id, HAND, null))).toBe('alert.wrong-state')
})

describe('where two persons have to say that it is somebody', () => {
  it('the first waits for a second, who is another one', async () => {
    twoPersons()
    const id = await raise()
    await decisions.resolve(id, 'true', HAND, 'his walk')
    expect(await get(id)).toMatchObject({
      ...{ state: 'awaiting', affirmedBy: HAND.by, outcome: null, resolvedBy: null },
    })
    expect(await codeOf(decisions.resolve(id, 'true', HAND, 'I said so'))).toBe('alert.own')
    expect(await get(id)).toMatchObject({ state: 'awaiting', outcome: null })
    await decisions.resolve(id, 'true', BERT, 'his scar')
    expect(await get(id)).toMatchObject({
      ...{ state: 'resolved', outcome: 'true', affirmedBy: HAND.by, resolvedBy: 'bert' },
    })
    const life = await stored.store.alerts.life(id)
    expect(life.map(({ kind, by, outcome, note }) => [kind, by, outcome, note])).toEqual([
      ['raised', null, null, null],
      ['affirmed', HAND.by, 'true', 'his walk'],
      ['resolved', 'bert', 'true', 'his scar'],
    ])
  })

  it('a second who says otherwise opens it for all to judge, and nobody is told apart', async () => {
    twoPersons()
    const id = await raise()
    await decisions.resolve(id, 'true', HAND, 'his walk')
    await decisions.resolve(id, 'false', BERT, 'too tall')
    const open = { state: 'open', outcome: null, affirmedBy: null, acknowledgedBy: null }
    expect(await get(id)).toMatchObject(open)
    expect(await stored.store.rejections.list()).toEqual([])
    await decisions.resolve(id, 'false', HAND, 'he is right')
    expect(await get(id)).toMatchObject({ state: 'resolved', outcome: 'false' })
  })

  it('somebody is called for the second as for the first', async () => {
    twoPersons()
    const id = await raise()
    await pass(4 * MINUTE)
    await decisions.resolve(id, 'true', HAND, 'his walk')
    expect(await pass(5 * MINUTE - 1)).toEqual([])
    expect(await pass(1)).toEqual(['escalated'])
    expect(await get(id)).toMatchObject({ state: 'awaiting' })
  })

  it('one is enough to say that it is not, or that nobody can tell', async () => {
    twoPersons()
    await decisions.resolve(await raise(), 'false', HAND, 'too tall')
    await decisions.resolve(await raise(), 'unresolved', HAND, 'too dark')
    expect(told.filter(({ kind }) => kind === 'resolved')).toHaveLength(2)
  })
})

describe('whoever has decided', () => {
  it.each<[string, (id: string) => Promise<unknown>]>([
    ['takes', (id) => decisions.take(id, HAND, null)],
    ['parks', (id) => decisions.park(id, MINUTE, HAND, null)],
    ['confirms', (id) => decisions.resolve(id, 'true', HAND, 'x')],
    ['rejects', (id) => decisions.resolve(id, 'false', HAND, 'x')],
  ])('undoes it: who %s has all as it was', async (_what, decide) => {
    const id = await raise()
    const { takeBack: _, ...before } = await get(id)
    await decide(id)
    clock.advance(30_000)
    await decisions.undo(id, HAND, null)
    expect(await get(id)).toEqual({ ...before, takeBack: null })
    expect(await stored.store.rejections.list()).toEqual([])
    expect(told.at(-1)).toMatchObject({ kind: 'undone', by: HAND.by })
  })

  it('has a face told apart again whose reopening they undo', async () => {
    const id = await raise()
    await decisions.resolve(id, 'false', HAND, 'a twin')
    await decisions.reopen(id, HAND, null)
    expect(await stored.store.rejections.list()).toEqual([])
    await decisions.undo(id, HAND, null)
    expect(await get(id)).toMatchObject({ state: 'resolved', outcome: 'false' })
    expect(await stored.store.rejections.list()).toMatchObject([{ alertId: id, by: HAND.by }])
  })

  it('undoes it once, within half a minute, and nobody else does', async () => {
    const id = await raise()
    expect(await codeOf(decisions.undo(id, HAND, null))).toBe('alert.too-late')
    await decisions.take(id, HAND, null)
    expect(await codeOf(decisions.undo(id, BERT, null))).toBe('alert.too-late')
    clock.advance(30_001)
    expect(await codeOf(decisions.undo(id, HAND, null))).toBe('alert.too-late')
    await decisions.park(id, MINUTE, HAND, null)
    await decisions.undo(id, HAND, null)
    expect(await get(id)).toMatchObject({ state: 'acknowledged' })
    expect(await codeOf(decisions.undo(id, HAND, null))).toBe('alert.too-late')
  })
})
