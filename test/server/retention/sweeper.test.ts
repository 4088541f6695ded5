import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AuditLog } from '@vedette/server/audit/audit-log'
import { figuresOf } from '@vedette/server/report/figures'
import { retention } from '@vedette/server/retention/periods'
import { Sweeper } from '@vedette/server/retention/sweeper'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { newAct } from '../../support/server-audit.ts'
import { LogBook } from '../../support/server-log.ts'
import {
  newAlert,
  newEntry,
  newPhoto,
  seenOf,
  TemporaryStore,
  TRAIL,
} from '../../support/server-store.ts'

const DAY = 86_400_000
const MINUTE = 60_000
const periods = retention.parse({ audit: '200d', views: '180d', alerts: '10d' })
const ANNA = { by: 'anna', from: '127.0.0.1', why: null }

let stored: TemporaryStore
let clock: ManualClock
let audit: AuditLog
let sweeper: Sweeper
let refreshed: number

beforeEach(async () => {
  stored = await TemporaryStore.make()
  clock = new ManualClock(1_763_650_000_000)
  refreshed = 0
  const { log } = new LogBook()
  const { store } = stored
  const heads = { every: 365 * DAY, acts: 1_000_000 }
  const folders = { home: join(stored.folder, '..'), data: stored.folder }
  audit = await AuditLog.open({ store: store.audit, ...folders, heads, clock, log })
  sweeper = new Sweeper({
    ...{ store, audit, periods, clock, log },
    onAlertsDropped: async () => void refreshed++,
  })
})
afterEach(async () => {
  await sweeper[Symbol.asyncDispose]()
  await audit[Symbol.asyncDispose]()
  await stored[Symbol.asyncDispose]()
})

/** Moves on, and waits until what became due then is gone. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms)
  await sweeper.sweep()
}

const note = (kind: 'entry.viewed' | 'threshold.changed', n: number) =>
  stored.store.audit.note(newAct(n, { kind, at: clock.now() }))

const bodies = (kind: string) =>
  stored
    .elsewhere()
    .prepare('SELECT count(*) FROM actBodies JOIN acts USING (seq) WHERE kind = ?')
    .pluck()
    .get(kind)

describe('retention of the record', () => {
  it('deletes each kind in its own time, to the minute, and says so in the record', async () => {
    await note('entry.viewed', 1)
    await note('threshold.changed', 2)
    await pass(180 * DAY - MINUTE)
    expect([bodies('entry.viewed'), bodies('threshold.changed')]).toEqual([1, 1])
    await pass(MINUTE + 1)
    expect([bodies('entry.viewed'), bodies('threshold.changed')]).toEqual([0, 1])
    await pass(20 * DAY - MINUTE)
    expect(bodies('threshold.changed')).toBe(1)
    await pass(MINUTE)
    expect(bodies('threshold.changed')).toBe(0)
    const found = await stored.store.audit.search({ kinds: ['audit.retained'], limit: 10 })
    const bodiesOnly = found.filter(({ details }) => details?.kind !== undefined)
    expect(bodiesOnly.map(({ by, details }) => [by, details])).toMatchObject([
      ['server', { kind: 'threshold.changed', bodies: 1 }],
      ['server', { kind: 'entry.viewed', bodies: 1 }],
    ])
  })

  it('by itself, within a minute of when it is due', async () => {
    await note('entry.viewed', 1)
    sweeper.start()
    await sweeper.sweep()
    clock.advance(180 * DAY - 1)
    for (let step = 0; step < 2 && bodies('entry.viewed') === 1; step++) {
      while (!clock.pending.some((ms) => ms <= 30_000)) await new Promise(setImmediate)
      clock.advance(30_000)
      await sweeper.sweep()
    }
    expect(bodies('entry.viewed')).toBe(0)
  })

  it('leaves a record that verifies, and that says what is gone', async () => {
    for (let n = 0; n < 1200; n++) void note(n % 3 ? 'entry.viewed' : 'threshold.changed', n)
    await note('threshold.changed', 0)
    await audit.sign()
    await pass(190 * DAY)
    const verdict = await audit.verify()
    expect(verdict).toMatchObject({
      good: true,
      findings: [],
      prefix: 0,
      retained: [{ kind: 'entry.viewed', bodies: 800, at: clock.now() }],
    })
    const [gone] = await stored.store.audit.search({ kinds: ['entry.viewed'], limit: 1 })
    expect(gone).toMatchObject({ kind: 'entry.viewed', by: null, about: null, details: null })
    expect(
      await stored.store.audit.search({
        subjects: [['by', 'bert']],
        kinds: ['entry.viewed'],
        limit: 1,
      }),
    ).toEqual([])
  })

  it('deletes acts whole up to a signed head, which vouches for them', async () => {
    for (let n = 0; n < 20; n++) await note('entry.viewed', n)
    const head = await audit.sign()
    clock.advance(DAY)
    await note('threshold.changed', 1)
    await audit.sign()
    await pass(200 * DAY - 1)
    const verdict = await audit.verify()
    expect(verdict).toMatchObject({ good: true, prefix: 20, first: 21, findings: [] })
    expect((await stored.store.audit.heads())[0]).toMatchObject({ seq: head!.seq })
    await audit[Symbol.asyncDispose]()
    const { log } = new LogBook()
    const heads = { every: 365 * DAY, acts: 1_000_000 }
    const folders = { home: join(stored.folder, '..'), data: stored.folder }
    audit = await AuditLog.open({ store: stored.store.audit, ...folders, heads, clock, log })
    expect(await audit.verify()).toMatchObject({ good: true })
  })

  it('covers no deletion but its own', async () => {
    for (let n = 0; n < 10; n++) await note('entry.viewed', n)
    await audit.sign()
    await pass(180 * DAY + 1)
    await note('entry.viewed', 11)
    await note('threshold.changed', 12)
    const other = stored.elsewhere()
    const last = (await stored.store.audit.last()).seq
    other.exec('DROP TRIGGER bodiesAreKept; DROP TRIGGER actsAreKept; PRAGMA foreign_keys = OFF')
    other.exec(`DELETE FROM actSubjects WHERE seq >= ${last - 1}`)
    other.exec(`DELETE FROM actBodies WHERE seq >= ${last - 1}`)
    expect((await audit.verify()).findings).toEqual([
      { what: 'body-removed', seq: last - 1, kind: 'entry.viewed' },
      { what: 'body-removed', seq: last, kind: 'threshold.changed' },
    ])
    other.exec('DELETE FROM actSubjects WHERE seq < 5; DELETE FROM acts WHERE seq < 5')
    expect((await audit.verify()).findings).toContainEqual({ what: 'removed', seq: 1, to: 4 })
  })
})

describe('retention of alerts', () => {
  const MARK = 'CHIP-OF-SOMEBODY-'.repeat(8)

  async function alertAt(entryId: string, seed: number) {
    const alert = newAlert(entryId, { raisedAt: clock.now() })
    const chip = Buffer.from(`${MARK}${seed}`)
    await stored.store.alerts.raise(seenOf(alert, { chip, probe: newPhoto(seed).template }), TRAIL)
    return alert.id
  }

  it('deletes a resolved one with pictures and probe, to the minute, and no byte stays', async () => {
    const { entry } = await stored.store.entries.add(newEntry(), [newPhoto()])
    const id = await alertAt(entry.id, 7)
    const row = stored.elsewhere().prepare('SELECT chip, probe FROM alerts').get() as Record<
      string,
      Buffer
    >
    await stored.store.decisions.resolve(id, 'true', { hand: ANNA, at: clock.now(), note: null })
    await pass(10 * DAY)
    expect(stored.rows('alerts')).toBe(1)
    await pass(1)
    for (const table of ['alerts', 'evidence', 'alertEvents'])
      expect([table, stored.rows(table)]).toEqual([table, 0])
    expect(refreshed).toBe(1)
    for (const [name, bytes] of await stored.files()) {
      for (const sealed of Object.values(row)) {
        expect([name, bytes.includes(sealed.subarray(20, 84))]).toEqual([name, false])
      }
    }
    const [applied] = await stored.store.audit.search({ kinds: ['retention'], limit: 1 })
    expect(applied!.details).toMatchObject({ what: 'alerts', count: 1 })
  })

  it('keeps one that nobody resolved for twice as long, and names it when it goes', async () => {
    const { entry } = await stored.store.entries.add(newEntry(), [newPhoto()])
    const id = await alertAt(entry.id, 8)
    await pass(20 * DAY)
    expect(stored.rows('alerts')).toBe(1)
    await pass(1)
    expect(stored.rows('alerts')).toBe(0)
    const [dropped] = await stored.store.audit.search({ kinds: ['alert.dropped'], limit: 5 })
    expect(dropped).toMatchObject({
      about: { alert: id, entry: entry.id },
      details: { state: 'open' },
    })
  })

  it('leaves no seal behind that would be missed', async () => {
    const { entry } = await stored.store.entries.add(newEntry(), [newPhoto()])
    await alertAt(entry.id, 9)
    await pass(20 * DAY + 1)
    expect(stored.store.seals.damages).toEqual([])
    expect((await readFile(stored.file)).length).toBeGreaterThan(0)
  })

  it('leaves what an account says of them as it was', async () => {
    const { entry } = await stored.store.entries.add(newEntry(), [newPhoto()])
    const from = clock.now()
    for (const [seed, outcome] of (['true', 'false', 'false'] as const).entries()) {
      const id = await alertAt(entry.id, 20 + seed)
      await stored.store.decisions.resolve(id, outcome, { hand: ANNA, at: clock.now(), note: null })
    }
    await alertAt(entry.id, 30)
    const account = async () => {
      const { store } = stored
      return figuresOf(await store.alerts.accounted(from, clock.now() + 1), 1000)
    }
    const before = await account()
    expect(before).toMatchObject({ alerts: 4, true: 1, false: 2, unjudged: 1 })
    await pass(10 * DAY + 1)
    expect(stored.rows('alerts')).toBe(1)
    expect(await account()).toEqual(before)
    await pass(10 * DAY)
    expect(stored.rows('alerts')).toBe(0)
    expect(await account()).toEqual(before)
  })
})

describe('periods', () => {
  it('are half a year and more for who did what, and a month for faces', () => {
    expect(retention.parse({})).toMatchObject({ views: 184 * DAY, alerts: 31 * DAY })
    for (const bad of [{ audit: '30d' }, { views: '179d' }, { alerts: '1s' }, { faces: '1d' }]) {
      expect(retention.safeParse(bad).success).toBe(false)
    }
  })
})
