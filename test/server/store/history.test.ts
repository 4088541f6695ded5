import { FATES, type Fate } from '@vedette/server/report/figures'
import { openDatabase } from '@vedette/server/store/database'
import { densityOf, type HistoryFilter } from '@vedette/server/store/history'
import { Vault } from '@vedette/server/store/vault'
import { afterAll, describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const BEGIN = Date.UTC(2026, 9, 20)
const random = seeded(11)
const some = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!

const folder = await TemporaryFolder.make()
const keyFile = `${folder.path}/vault.key`
await Vault.create(keyFile)
const { queries, close } = openDatabase(`${folder.path}/wanted.db`, {
  vault: await Vault.open(keyFile),
})
afterAll(async () => {
  close()
  await folder[Symbol.asyncDispose]()
})

/** In bursts, with days between in which there is nothing. */
const alerts = Array.from({ length: 400 }, (_, i) => {
  const at = BEGIN + some([0, 1, 1, 7, 30]) * DAY + Math.floor(random() * DAY)
  const outcome = some([null, null, 'true', 'false', 'unresolved'] as const)
  return {
    id: `alert-${i}`,
    entryId: `entry-${some([1, 2, 3])}`,
    listId: some(['wanted', 'missing']),
    ...{ agent: some(['gate-1', 'gate-2']), camera: some(['north', 'south']), track: `t-${i}` },
    ...{ templateId: 'template', space: 'space', box: '[1,2,3,4]', shots: 1, place: null },
    ...{ capturedAt: at, receivedAt: at, raisedAt: at, openSince: at, chip: null, probe: null },
    ...{ score: 0.9, threshold: 0.8, runnerUp: 0.1, quality: 0.8, rivalId: null },
    ...{ incident: `incident-${i}`, certainty: some(['provisional', 'confirmed', 'withdrawn']) },
    ...{ state: 'open', outcome, resolvedAt: null, resolvedBy: null, escalations: 0 },
    ...{ acknowledgedAt: null, acknowledgedBy: null, late: some([0, 1]), retrospective: 0 },
  }
})
for (const alert of alerts) await queries.insertInto('alerts').values(alert).execute()

type Row = (typeof alerts)[number]
const fateOf = ({ outcome, certainty }: Row): Fate => {
  if (outcome === 'true' || outcome === 'false') return outcome
  if (certainty === 'withdrawn') return 'withdrawn'
  return outcome ?? 'unjudged'
}

/** One alert after the other, as nobody would count many. */
function counted(rows: readonly Row[], step: number) {
  const steps = new Map<number, Record<string, number>>()
  for (const row of rows.toSorted((a, b) => a.capturedAt - b.capturedAt)) {
    const at = Math.floor(row.capturedAt / step) * step
    const known = steps.get(at) ?? { at, ...Object.fromEntries(FATES.map((one) => [one, 0])) }
    steps.set(at, { ...known, [fateOf(row)]: known[fateOf(row)]! + 1 })
  }
  return [...steps.values()]
}

describe('counts of the past are what counting one by one gives', () => {
  const spans = {
    'of whole days': [BEGIN, BEGIN + 31 * DAY],
    'that begins and ends within an hour': [BEGIN + 0.3 * HOUR, BEGIN + DAY + 5.7 * HOUR],
    'within one hour': [BEGIN + 10.1 * HOUR, BEGIN + 10.8 * HOUR],
    'in which there was nothing': [BEGIN + 10 * DAY, BEGIN + 20 * DAY],
    'cut where counting is': [BEGIN + 1, BEGIN + 31 * DAY - 1],
  } as const
  const asked: Record<string, [HistoryFilter, (row: Row) => boolean]> = {
    all: [{}, () => true],
    'of a person': [{ entry: 'entry-2' }, ({ entryId }) => entryId === 'entry-2'],
    'of a list and a camera': [
      { lists: ['wanted'], cameras: ['gate-1/north', 'gate-2/*'] },
      ({ listId, agent, camera }) =>
        listId === 'wanted' && (agent === 'gate-2' || camera === 'north'),
    ],
    ...Object.fromEntries(
      FATES.map((fate) => [fate, [{ fates: [fate] }, (row: Row) => fateOf(row) === fate]]),
    ),
    'late, confirmed': [
      { late: true, certainty: 'confirmed' },
      ({ late, certainty }) => late === 1 && certainty === 'confirmed',
    ],
  }
  it.each(Object.entries(spans))('over a time %s', async (_name, [since, until]) => {
    for (const step of [HOUR, HOUR / 4]) {
      for (const [filter, is] of Object.values(asked)) {
        const meant = alerts.filter(
          (row) => row.capturedAt >= since && row.capturedAt < until && is(row),
        )
        const found = await densityOf(queries, { ...filter, since, until }, step)
        expect(found).toEqual(counted(meant, step))
      }
    }
  })
})
