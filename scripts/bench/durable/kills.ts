import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '../measure.ts'
import type { ClerkOrder } from './clerk.ts'
import { ClerkProcess } from './clerk-process.ts'
import { DEEDS, type Done, type Known } from './deeds.ts'
import { Fault, type FaultOptions } from './fault.ts'
import { inquest } from './inquest.ts'
import { makeHome } from './place.ts'

/** Trials side by side. */
const AT_ONCE = 2

export type KillsOptions = {
  /** Of all points every so manieth is tried. */
  stride: number
}

type Tally = {
  points: number
  acknowledged: number
  lost: number
  twice: number
  damaged: number
  /** Trials after which not all was done in the end. */
  left: number
}

/** What the trials of one kind start from, and how he dies, or what his disk answers once. */
type Kind = {
  fault: Fault
  template: string
  how: 'kill-before' | 'kill-after' | 'eio'
  /** All that changes a file, or only what waits for the disk. */
  calls: 'all' | 'sync'
}

/**
 * Somebody enrols a person, raises an alert, acknowledges it, notes something and revokes an agent.
 * At each write, sync, truncation, renaming and removal of a file of the deployment he is killed,
 * before it and behind it; what he had acknowledged must be there. Then he asks for it all again, as
 * clients do that had no answer: all must be done, and nothing twice. Once with a database that is
 * there, and once with one that he must make first. At last each sync of a file fails once under him,
 * and he tries again: a commit that failed must not come back beside its successor.
 */
export async function benchKills(report: Report, { stride }: KillsOptions): Promise<void> {
  await using fault = await Fault.compile()
  if (fault === undefined) {
    report({ bench: 'kills', value: 0, unit: 'points', detail: { skipped: 'no C compiler' } })
    return
  }
  const template = await makeHome(1)
  try {
    const kind = { fault, template, how: 'kill-before', calls: 'all' } as const
    await sweep(report, 'kills.new-database', kind, stride * 8)
    await new ClerkProcess({ ...orderIn(template), deeds: [] }).ended()
    await sweep(report, 'kills.before', kind, stride)
    await sweep(report, 'kills.behind', { ...kind, how: 'kill-after' }, stride)
    const fewer = Math.ceil(stride / 4)
    await sweep(report, 'kills.sync-fails', { ...kind, how: 'eio', calls: 'sync' }, fewer)
  } finally {
    await rm(template, { recursive: true, force: true })
  }
}

async function sweep(report: Report, bench: string, kind: Kind, stride: number): Promise<void> {
  const calls = await countCalls(kind)
  const tally = { points: 0, acknowledged: 0, lost: 0, twice: 0, damaged: 0, left: 0 }
  let next = 1
  const worker = async () => {
    for (let at = next; at <= calls; at = next) {
      next = at + stride
      await trial(kind, at, tally)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const { lost, ...rest } = tally
  const detail = { calls, ...rest }
  report({ bench: `${bench}.lost`, value: lost, unit: 'acknowledged deeds', detail })
}

/** A copy of `template` that is gone afterwards. */
async function within<T>(template: string, use: (home: string) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-kills-'))
  try {
    await cp(template, home, { recursive: true })
    return await use(home)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

function orderIn(home: string, more: Partial<ClerkOrder> = {}): ClerkOrder {
  const order = { home, data: join(home, 'data'), deeds: DEEDS, from: 0, persons: 1, tries: 1 }
  return { ...order, ...more }
}

async function countCalls({ fault, template, calls: counted }: Kind): Promise<number> {
  return within(template, async (home) => {
    const count = join(tmpdir(), `vedette-calls-${Date.now()}`)
    const options: FaultOptions = { under: home, how: 'eio', calls: counted, count }
    const clerk = new ClerkProcess(orderIn(home), fault.environment(options))
    await clerk.ended()
    const calls = Number(await readFile(count, 'utf8'))
    await rm(count)
    return calls
  })
}

async function trial(
  { fault, template, how, calls }: Kind,
  at: number,
  tally: Tally,
): Promise<void> {
  await within(template, async (home) => {
    const data = join(home, 'data')
    const options: FaultOptions = { under: home, how, calls, at }
    // Whoever lives through it tries again, by the same key.
    const first = new ClerkProcess(
      orderIn(home, { tries: how === 'eio' ? 3 : 1 }),
      fault.environment(options),
    )
    await first.ended()
    const found = await inquest(home, data, first.done)
    const known: Known = Object.fromEntries(first.done.map(({ deed, id }) => [deed, id]))
    const second = new ClerkProcess(orderIn(home, { known }))
    await second.ended()
    const done: Done[] = [...first.done, ...second.done]
    const after = await inquest(home, data, done)
    tally.points++
    tally.acknowledged += first.done.length
    tally.lost += found.lost.length + after.lost.length
    tally.twice += after.twice.length
    if ([found, after].some(({ whole, broken }) => whole !== 'ok' || broken > 0)) tally.damaged++
    if (!second.over || new Set(done.map(({ deed }) => deed)).size < DEEDS.length) tally.left++
  })
}
