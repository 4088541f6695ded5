import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import { AuditLog } from '@vedette/server/audit/audit-log'
import { verifyExport } from '@vedette/server/audit/export-file'
import { AuditStore, appendAct } from '@vedette/server/store/audit'
import { type Database, openFile } from '@vedette/server/store/database'
import { MIGRATIONS } from '@vedette/server/store/migrations'
import type { Schema } from '@vedette/server/store/schema'
import { systemClock } from '@vedette/shared/clock'
import { silentLog } from '@vedette/shared/log'
import { actOf, makeRecord } from './audit/ledger.ts'
import { trials } from './audit/trials.ts'
import { median, percentile, type Report, seeded, times } from './measure.ts'

const ACTS = 100_000
const GROUP = 500
const SINGLE = 300
const TAMPERINGS = 1000

/** What it costs to record, to verify and to search, and whether tampering is found. */
export async function benchAudit(report: Report): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  const { queries, close } = openFile<Schema>(join(home, 'wanted.db'), MIGRATIONS)
  try {
    const store = new AuditStore(queries)
    const options = { store, home, data: home, heads: { every: 3_600_000, acts: 1e9 } }
    const audit = await AuditLog.open({ ...options, clock: systemClock, log: silentLog })
    await benchAppend(report, queries, store)
    await benchLong(report, store, audit)
    await audit[Symbol.asyncDispose]()
  } finally {
    close()
    await rm(home, { recursive: true, force: true })
  }
  await benchTampering(report)
}

async function benchAppend(report: Report, queries: Database, store: AuditStore): Promise<void> {
  let n = 0
  const act = () => actOf(++n, Date.now())
  const write = (tx: Database) =>
    tx
      .insertInto('pulse')
      .values({ id: 1, at: ++n })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ at: n }))
      .execute()
  const alone: number[] = []
  const along: number[] = []
  // In turn, so that a disk whose speed drifts slows both.
  for (let i = 0; i < SINGLE; i++) {
    alone.push(...(await times(() => queries.transaction().execute(write), once)))
    const both = async (tx: Database) => {
      await write(tx)
      await appendAct(tx, act())
    }
    along.push(...(await times(() => queries.transaction().execute(both), once)))
  }
  const added = along.map((ms, i) => ms - alone[i]!)
  report({
    bench: 'audit.append.in-transaction',
    value: median(added) * 1000,
    unit: 'µs',
    p99: percentile(added, 0.99) * 1000,
    detail: { transactionAloneUs: median(alone) * 1000, withActUs: median(along) * 1000 },
  })
  const noted = await times(() => store.note(act()), { runs: SINGLE })
  report({
    bench: 'audit.note.alone',
    value: median(noted) * 1000,
    unit: 'µs',
    p99: percentile(noted, 0.99) * 1000,
  })
  const group = () => Promise.all(Array.from({ length: GROUP }, () => store.note(act())))
  const grouped = await times(group, { runs: 10, warmup: 2 })
  report({
    bench: `audit.note.burst-${GROUP}`,
    value: (median(grouped) / GROUP) * 1000,
    unit: 'µs each',
    baseline: 'one after the other',
    ratio: median(noted) / (median(grouped) / GROUP),
    detail: { burstMs: median(grouped) },
  })
}

const once = { runs: 1, warmup: 0 }

async function benchLong(report: Report, store: AuditStore, audit: AuditLog): Promise<void> {
  for (let have = (await store.last()).seq; have < ACTS; have += GROUP) {
    const left = Math.min(GROUP, ACTS - have)
    const acts = Array.from({ length: left }, (_, i) => actOf(have + i, Date.now()))
    await Promise.all(acts.map((act) => store.note(act)))
  }
  await audit.sign()
  const verified = await stalling(() => audit.verify())
  // What the machine's other work does to a process that does nothing.
  const idle = await stalling(() => systemClock.sleep(verified.seconds * 1000))
  if (!verified.result.good) throw new TypeError('a record that nobody touched does not verify')
  report({
    bench: 'audit.verify.100k',
    value: verified.seconds,
    unit: 's',
    detail: {
      longestStallMs: verified.stall,
      idleStallMs: idle.stall,
      actsPerSecond: ACTS / verified.seconds,
    },
  })
  const search = () => store.search({ text: 'nothing of the kind', limit: 50 })
  const searched = await stalling(search)
  report({
    bench: 'audit.search.text.100k',
    value: searched.seconds,
    unit: 's',
    detail: { longestStallMs: searched.stall },
  })
  const byEntry = await times(() => store.search({ subjects: [['entry', 'entry-3']], limit: 50 }), {
    runs: 20,
  })
  report({ bench: 'audit.search.entry.100k', value: median(byEntry), unit: 'ms' })
  const exported = await stalling(() => text(audit.exported()))
  const elsewhere = await times(() => verifyExport(exported.result), { runs: 3, warmup: 0 })
  report({
    bench: 'audit.export.100k',
    value: exported.seconds,
    unit: 's',
    detail: {
      megabytes: exported.result.length / 1e6,
      longestStallMs: exported.stall,
      verifiedElsewhereS: median(elsewhere) / 1000,
    },
  })
  const signed = await times(() => audit.signer.sign('head', Buffer.alloc(100)))
  report({ bench: 'audit.sign', value: median(signed) * 1000, unit: 'µs' })
}

/** How long `work` takes, and for how long at most nobody else had a turn meanwhile, milliseconds. */
async function stalling<T>(
  work: () => Promise<T>,
): Promise<{ result: T; seconds: number; stall: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const started = performance.now()
  const result = await work()
  const seconds = (performance.now() - started) / 1000
  delay.disable()
  return { result, seconds, stall: delay.max / 1e6 }
}

async function benchTampering(report: Report): Promise<void> {
  let now = Date.now()
  const clock = {
    ...systemClock,
    now: () => now,
    advance: (ms: number) => {
      now += ms
    },
  }
  const made = await makeRecord(clock, { acts: 200, every: 17 })
  let [found, named] = [0, 0]
  for await (const trial of trials(made, TAMPERINGS, seeded(25))) {
    if (trial.found) found++
    if (trial.named) named++
  }
  report({
    bench: 'audit.tampering',
    value: found,
    unit: `of ${TAMPERINGS} found`,
    detail: { named },
  })
}
