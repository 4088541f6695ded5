import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { DeskClient } from '@vedette/server/cli/desk-client'
import { allEntries } from '@vedette/server/cli/entry-pages'
import { Store } from '@vedette/server/store/store'
import { codeOf } from '@vedette/shared/errors'
import BetterSqlite3 from 'better-sqlite3'
import { percentile, type Report } from '../measure.ts'
import { Crowd, type Part } from './crowd.ts'
import { face, facesOf, formOf, populate } from './people.ts'
import { ServerStage } from './server-stage.ts'

export type LoadOptions = {
  entries: number
  /** How long each part lasts, seconds. */
  seconds: number
}

const PHOTOS = 3
/** In each part with somebody who enrols: five a minute is what an operator may. */
const ENROLMENTS = 2
const AGENTS = 50
const LOCKED_MS = 5000

/**
 * A long list, many agents that ask, and people at the desk: how soon it serves, what it holds, how
 * long enrolling takes meanwhile, what questions have to wait for it, and how long nothing else was
 * done at all; the same while another process has the database locked.
 */
export async function benchLoad(report: Report, { entries, seconds }: LoadOptions): Promise<void> {
  await using stage = await ServerStage.open({ agents: AGENTS })
  const file = join(stage.data, 'wanted.db')
  {
    await using store = await Store.open({ file, keyFile: join(stage.home, 'vault.key') })
    await populate(store, facesOf(entries), PHOTOS)
  }
  const started = await stage.start()
  const about = { entries, templates: entries * PHOTOS, workedSeconds: await stage.worked() }
  const begun = await stage.memory()
  report({ bench: 'load.start', value: started / 1000, unit: 's until it serves', detail: about })
  const crowd = await Crowd.dial(stage)
  try {
    await using desk = await stage.desk()
    await crowd.through(async () => wait(2000)) // until all is warm
    const quiet = await crowd.through(async () => wait(seconds * 1000))
    const enrolled: number[] = []
    const looked: number[] = []
    const during = async (what: string, work: () => Promise<unknown>) => {
      const part = await crowd.through(work)
      matched(report, { what, quiet, part, seconds })
    }
    await during('enrolling', () => enrolling(desk, seconds, enrolled))
    await during('enrolling and listing', async () =>
      Promise.all([enrolling(desk, seconds, enrolled), looking(desk, seconds, looked)]),
    )
    report({
      bench: 'load.enrol',
      value: Math.max(...enrolled) / 1000,
      unit: 's, the slowest',
      p50: percentile(enrolled, 0.5),
      detail: { times: enrolled.length, longestLookMs: Math.max(...looked), looks: looked.length },
    })
    await locked(report, { crowd, desk, file })
    report({
      bench: 'load.memory',
      value: (await stage.memory()) / 2 ** 20,
      unit: 'MiB',
      detail: { ...about, whenItServedMiB: begun / 2 ** 20 },
    })
  } finally {
    await crowd[Symbol.asyncDispose]()
  }
}

/** Another process has the write lock for a while; enrolling waits, or is told to come again. */
async function locked(
  report: Report,
  { crowd, desk, file }: { crowd: Crowd; desk: DeskClient; file: string },
): Promise<void> {
  const other = new BetterSqlite3(file)
  let said = ''
  const part = await crowd.through(async () => {
    other.exec('BEGIN IMMEDIATE')
    const enrolling = desk.json('POST', '/entries', formOf('while locked', await face())).then(
      () => 'enrolled',
      (error) => codeOf(error),
    )
    await wait(LOCKED_MS)
    other.exec('ROLLBACK')
    said = await enrolling
  })
  other.close()
  report({
    bench: 'load.locked.stall',
    value: part.stall * 1000,
    unit: 'ms',
    detail: { lockedMs: LOCKED_MS, enrolling: said, matchP99Ms: percentile(part.answers, 0.99) },
  })
}

/** How questions fared while people were at the desk. */
function matched(
  report: Report,
  { what, quiet, part, seconds }: { what: string; quiet: Part; part: Part; seconds: number },
): void {
  const before = percentile(quiet.answers, 0.99)
  const after = percentile(part.answers, 0.99)
  report({
    bench: `load.match.p99 while ${what}`,
    value: after,
    unit: 'ms',
    baseline: 'the same without people at the desk (inverse)',
    ratio: before / after,
    p50: percentile(part.answers, 0.5),
    p99: after,
    detail: {
      ...{ agents: AGENTS, perSecond: Math.round(part.answers.length / seconds) },
      ...{ beforeMs: before, unanswered: quiet.failed + part.failed },
      ...{ stallBeforeMs: quiet.stall * 1000, stallMs: part.stall * 1000 },
    },
  })
}

/** Somebody enrols, evenly over that time. */
async function enrolling(desk: DeskClient, seconds: number, took: number[]): Promise<void> {
  const jpeg = await face()
  for (let i = 0; i < ENROLMENTS; i++) {
    await timed(took, () => desk.json('POST', '/entries', formOf(`newcomer ${i}`, jpeg)))
    await wait((seconds * 1000) / ENROLMENTS)
  }
}

/** Somebody lists everybody, and what was seen, over and over. */
async function looking(desk: DeskClient, seconds: number, took: number[]): Promise<void> {
  const until = performance.now() + seconds * 1000
  while (performance.now() < until) {
    await timed(took, () => allEntries(desk))
    await timed(took, () => desk.json('GET', '/alerts?limit=100'))
    await wait(500)
  }
}

async function timed(into: number[], work: () => Promise<unknown>): Promise<void> {
  const began = performance.now()
  await work()
  into.push(performance.now() - began)
}
