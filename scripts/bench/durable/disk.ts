import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Watch } from '@vedette/server/desk/answered/cameras'
import { Store } from '@vedette/server/store/store'
import { codeOf } from '@vedette/shared/errors'
import { noiseJpeg } from '../gate.ts'
import { facelike, percentile, type Report, seeded } from '../measure.ts'
import { Asker } from './asker.ts'
import { Fault } from './fault.ts'
import { inquest } from './inquest.ts'
import { face, facesOf, formOf, populate, SPACE } from './people.ts'
import { ServerStage, until } from './server-stage.ts'

const PEOPLE = 60
const ASK_MS = 50
const WANTED_MS = 400
/** The file system in memory that is filled, and what is kept for alerts there, megabytes. */
const DISK_MB = 96
const RESERVE_MB = 8

export type DiskOptions = {
  /** How long the disk is broken, seconds. */
  broken: number
}

/** How a disk is broken and mended. */
type Way = {
  name: string
  kind: string
  code: string
  spoil: () => Promise<void>
  mend: () => Promise<void>
}

/**
 * A server under questions whose disk is full for a while, and one whose disk fails: matching goes
 * on, enrolling is refused by its code, alerts come or wait, and all is well again by itself.
 */
export async function benchDisk(report: Report, { broken }: DiskOptions): Promise<void> {
  const flag = join(tmpdir(), `vedette-fault-${Date.now()}`)
  await using fault = await Fault.compile()
  const set = async () => writeFile(flag, '')
  const unset = async () => rm(flag)
  const mounted = await mountMemory()
  try {
    if (mounted !== undefined) {
      const ballast = join(mounted, 'ballast')
      const full = { name: 'full', kind: 'tmpfs filled to the last byte', code: 'store.full' }
      await using stage = await populated(join(mounted, 'data'))
      await stage.start()
      const fill = () => writeFile(ballast, Buffer.alloc(DISK_MB * 2 ** 20)).catch(() => {})
      await trial(report, stage, { ...full, spoil: fill, mend: () => rm(ballast) }, broken)
    }
    const ways = mounted === undefined ? (['enospc', 'eio'] as const) : (['eio'] as const)
    for (const how of fault === undefined ? [] : ways) {
      await using stage = await populated()
      await stage.start(fault!.environment({ under: stage.data, how, flag }))
      const code = how === 'eio' ? 'store.failed' : 'store.full'
      const way = { name: how, kind: `every write answers ${how.toUpperCase()}`, code }
      await trial(report, stage, { ...way, spoil: set, mend: unset }, broken)
    }
  } finally {
    await rm(flag, { force: true })
    if (mounted !== undefined) {
      execFileSync('umount', ['--lazy', mounted])
      await rm(mounted, { recursive: true })
    }
  }
}

async function trial(report: Report, stage: ServerStage, way: Way, broken: number): Promise<void> {
  await using desk = await stage.desk()
  await using asker = await Asker.dial(stage.gatePort, stage.credentials[0]!, SPACE)
  await using finder = await Asker.dial(stage.gatePort, stage.credentials[1]!, SPACE)
  const chip = await noiseJpeg()
  const watch = () => desk.json<Watch>('GET', '/cameras')
  const enrol = async (name: string) =>
    desk.json('POST', '/entries', formOf(name, await face())).then(
      () => 'enrolled',
      (error) => codeOf(error),
    )
  const strangers = facelike(64, 128, seeded(99))
  const people = facesOf(PEOPLE)
  const over = new AbortController()
  const answers: number[] = []
  const acknowledged: string[] = []
  let [asked, shown] = [0, 0]
  const asking = every(ASK_MS, over.signal, async () => {
    const probe = strangers[asked++ % strangers.length]!
    answers.push(await asker.ask({ probe, track: `nobody-${asked}`, chip }))
  })
  const finding = every(WANTED_MS, over.signal, async () => {
    const person = shown++ % PEOPLE
    const track = `walk-${shown}`
    await finder.ask({ probe: people[person]!, track, chip })
    acknowledged.push(track)
  })
  await wait(1000)
  const before = { asked, answers: answers.length, alerts: acknowledged.length }
  await way.spoil()
  const began = performance.now()
  const told = await until(async () => (await watch()).store.some(({ code }) => code === way.code))
  const refused = await enrol('while it is broken')
  const refusedIn = performance.now() - began - told
  await wait(Math.max(0, broken * 1000 - (performance.now() - began)))
  const during = { asked: asked - before.asked, alerts: acknowledged.length - before.alerts }
  const inThatTime = answers.slice(before.answers)
  const longest = Math.max(...inThatTime)
  await way.mend()
  const recovered = await until(async () => (await watch()).store.length === 0)
  const after = await enrol('afterwards')
  await until(async () => finder.open === 0)
  over.abort()
  await Promise.all([asking, finding])
  await stage.kill()
  const lost = await lostOf(stage, acknowledged)
  report({
    bench: `disk.${way.name}.recovered`,
    value: recovered / 1000,
    unit: 's after there was room',
    p99: percentile(inThatTime, 0.99),
    detail: {
      kind: way.kind,
      toldAfterMs: Math.round(told),
      enrolling: refused,
      enrollingRefusedInMs: Math.round(refusedIn),
      enrollingAfterwards: after,
      askedWhileBroken: during.asked,
      unanswered: asker.open,
      longestAnswerMs: Math.round(longest),
      alertsWhileBroken: during.alerts,
      alertsShown: shown,
      ...lost,
    },
  })
}

/** What of the alerts that were acknowledged is not in the database, and what is there twice. */
async function lostOf(stage: ServerStage, tracks: readonly string[]) {
  const { whole, twice, broken } = await inquest(stage.home, stage.data, [])
  const file = join(stage.data, 'wanted.db')
  await using store = await Store.open({ file, keyFile: join(stage.home, 'vault.key') })
  const alerts = await store.alerts.list({ limit: 10_000 })
  const there = new Set(alerts.map(({ track }) => track))
  const lost = tracks.filter((track) => !there.has(track)).length
  return { acknowledgedAlerts: tracks.length, lost, twice: twice.length, whole, broken }
}

/** A deployment with people in its store. */
async function populated(data?: string): Promise<ServerStage> {
  const yaml = `store: { reserve: ${RESERVE_MB} }\n`
  const stage = await ServerStage.open({ agents: 2, yaml, ...(data !== undefined && { data }) })
  const file = join(stage.data, 'wanted.db')
  await using store = await Store.open({ file, keyFile: join(stage.home, 'vault.key') })
  await populate(store, facesOf(PEOPLE), 1)
  return stage
}

/** Does `work` every `ms` until `signal`, whether what was done before is over or not; or fails. */
async function every(ms: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const working: Promise<void>[] = []
  while (!signal.aborted) {
    working.push(work().catch(() => {}))
    await wait(ms, undefined, { signal }).catch(() => {})
  }
  await Promise.all(working)
}

/** A file system in memory; undefined where this process may mount none. */
async function mountMemory(): Promise<string | undefined> {
  const place = await mkdtemp(join(tmpdir(), 'vedette-memory-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'none', place], {
      stdio: 'pipe',
    })
    await statfs(place)
    return place
  } catch {
    await rm(place, { recursive: true })
    return undefined
  }
}
