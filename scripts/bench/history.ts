import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { accountOf } from '@vedette/server/report/account'
import { AlertStore } from '@vedette/server/store/alerts'
import { Condition } from '@vedette/server/store/condition'
import { type Database, openDatabase } from '@vedette/server/store/database'
import { EntryStore } from '@vedette/server/store/entries'
import type { HistoryFilter } from '@vedette/server/store/history'
import { Vault } from '@vedette/server/store/vault'
import { systemClock } from '@vedette/shared/clock'
import { median, percentile, type Report, seeded, times } from './measure.ts'

const ALERTS = 100_000
const SLICE = 2000
const DAY_MS = 86_400_000
const BEGIN = Date.UTC(2026, 0, 1)
const DAYS = 62
const PEOPLE = 500
const CAMERAS = 20
const LISTS = ['wanted', 'missing', 'banned']
/** As the pictures of alerts are large. */
const CHIP_BYTES = 6000
/** What a page of the past may take, milliseconds. */
const LIMIT_MS = 30
/** One choice of each thing that the page lets people narrow the past by. */
const CHOICES: HistoryFilter[] = [
  { entry: 'entry-007' },
  { lists: ['wanted'] },
  { cameras: ['gate-3/camera-3'] },
  { fates: ['unjudged'] },
  { certainty: 'confirmed' },
  { late: true },
]

/** What a page of the past, its counts and the delays cost where there are 100,000 alerts. */
export async function benchHistory(report: Report): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  const keyFile = join(home, 'vault.key')
  await Vault.create(keyFile)
  const vault = await Vault.open(keyFile)
  const { queries, close } = openDatabase(join(home, 'wanted.db'), { vault })
  try {
    await fill(queries)
    const entries = new EntryStore(queries, vault, new Condition(systemClock))
    await measure(new AlertStore(queries, entries), report)
  } finally {
    close()
    await rm(home, { recursive: true, force: true })
  }
}

async function measure(store: AlertStore, report: Report): Promise<void> {
  const all = { since: BEGIN, until: BEGIN + DAYS * DAY_MS }
  const asked: Record<string, HistoryFilter & typeof all> = {
    all,
    'one-person': { ...all, entry: 'entry-007' },
    'one-camera-wrong': { ...all, cameras: ['gate-3/camera-3'], fates: ['false'] },
    'nothing-found': { ...all, lists: ['wanted'], fates: ['true'], retrospective: true },
    confined: { ...all, within: { lists: ['missing'], cameras: ['gate-1/*', 'gate-2/camera-2'] } },
  }
  for (const [name, filter] of Object.entries(asked)) {
    const page = await times(() => store.history(filter, { limit: 48 }))
    const counts = await times(() => store.density(filter, 3_600_000))
    const { next } = await store.history(filter, { limit: 48 })
    const far = { at: BEGIN + 2 * DAY_MS, id: '' }
    const deep = await times(() => store.history(filter, { limit: 48, before: next && far }))
    const both = page.map((ms, i) => ms + counts[i]!)
    report({
      bench: `history.${name}`,
      value: median(both),
      unit: 'ms',
      p99: percentile(both, 0.99),
      baseline: `at most ${LIMIT_MS} ms`,
      ratio: LIMIT_MS / median(both),
      detail: { pageMs: median(page), countsMs: median(counts), twoMonthsBackMs: median(deep) },
    })
  }
  const worst = { ms: 0, filter: '' }
  for (let chosen = 0; chosen < 2 ** CHOICES.length; chosen++) {
    const some = CHOICES.filter((_, i) => (chosen >> i) % 2 === 1)
    const filter: typeof all = Object.assign({}, all, ...some)
    const taken = await times(
      async () => {
        await store.history(filter, { limit: 48 })
        await store.density(filter, 3_600_000)
      },
      { runs: 5, warmup: 1 },
    )
    const ms = median(taken)
    if (ms > worst.ms) Object.assign(worst, { ms, filter: JSON.stringify(some) })
  }
  report({
    bench: 'history.worst-of-all-combinations',
    value: worst.ms,
    unit: 'ms',
    baseline: `at most ${LIMIT_MS} ms`,
    ratio: LIMIT_MS / worst.ms,
    detail: { combinations: 2 ** CHOICES.length, filter: worst.filter },
  })
  const whole: Record<string, () => Promise<unknown>> = {
    counts: () => store.density(all, 3_600_000),
    delays: () => store.times(all.since, all.until),
    account: async () => {
      const alerts = await store.accounted(all.since, all.until)
      return accountOf({
        ...{ from: all.since, to: all.until, madeAt: all.until, by: 'anna' },
        ...{ timeZone: 'Europe/Berlin', usage: [], sizes: [], lists: new Map(), alerts },
      })
    },
  }
  for (const [name, work] of Object.entries(whole)) {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const taken = await times(work, { runs: 10 })
    delay.disable()
    const detail = { longestStallMs: delay.max / 1e6 }
    report({ bench: `history.${name}`, value: median(taken), unit: 'ms', detail })
  }
}

/** Alerts of two months, sealed as the server seals them. */
async function fill(queries: Database): Promise<void> {
  const random = seeded(7)
  const some = (many: number) => Math.floor(random() * many)
  const chip = randomBytes(CHIP_BYTES)
  const fates = [null, null, 'true', 'false', 'false', 'unresolved'] as const
  for (let done = 0; done < ALERTS; done += SLICE) {
    const rows = Array.from({ length: SLICE }, (_, i) => {
      const number = done + i
      const at = BEGIN + Math.floor((number / ALERTS) * DAYS * DAY_MS)
      const outcome = fates[some(fates.length)]!
      const [agent, camera] = [`gate-${some(CAMERAS)}`, `camera-${some(4)}`]
      const judged = outcome === null ? null : at + 60_000 + some(600_000)
      const late = some(20) === 0
      return {
        id: `019a${String(number).padStart(32, '0')}`,
        entryId: `entry-${String(some(PEOPLE)).padStart(3, '0')}`,
        listId: LISTS[some(LISTS.length)]!,
        ...{ agent, camera, track: `track-${number}`, templateId: 'template', space: 'space' },
        ...{ capturedAt: at, receivedAt: at + 90, raisedAt: at + 200 + some(300) },
        ...{ score: 0.95, threshold: 0.94, runnerUp: 0.9, quality: 0.8, box: '[1,2,3,4]' },
        ...{ chip, probe: null, shots: 3, place: null, rivalId: null, incident: `i-${number}` },
        certainty: some(30) === 0 ? 'withdrawn' : 'confirmed',
        state: outcome === null ? 'open' : 'resolved',
        ...{ outcome, resolvedAt: judged, resolvedBy: null, acknowledgedBy: null },
        acknowledgedAt: judged,
        ...{ openSince: at, escalations: 0, late: late ? 1 : 0, retrospective: 0 },
      }
    })
    await queries.transaction().execute(async (tx) => {
      for (const row of rows) await tx.insertInto('alerts').values(row).execute()
    })
  }
}
