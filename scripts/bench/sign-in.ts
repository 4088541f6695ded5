import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Passwords } from '@vedette/server/operators/passwords'
import type { SignIn } from '@vedette/server/operators/sign-in'
import { OperatorStore } from '@vedette/server/store/operators/operators'
import { Store } from '@vedette/server/store/store'
import { codeOf, Unavailable } from '@vedette/shared/errors'
import { Crowd } from './durable/crowd.ts'
import { facesOf, populate } from './durable/people.ts'
import { ServerStage } from './durable/server-stage.ts'
import { median, percentile, type Report, seeded } from './measure.ts'
import { type Entrance, openEntrance, PlainPasswords } from './sign-in-entrance.ts'
import type { Came } from './sign-in-people.ts'

const TRIES = 1_000_000
const DAY_MS = 86_400_000
/** The tries are spread evenly over a year. */
const EVERY_MS = (365 * DAY_MS) / TRIES
const TIMED = 1000
const PEOPLE = 200
const AGENTS = 20
const ENTRIES = 1000
const SECONDS = 15
/** How long after everybody is in it is looked at what memory is left. */
const AFTER_MS = 10_000
const PASSWORD = 'everybody has the same one'
const INSIDE = new URL('sign-in-inside.js', import.meta.url).href
const PEOPLE_PROCESS = fileURLToPath(new URL('sign-in-people.js', import.meta.url))
const MIB = 2 ** 20

/**
 * A year of guessing at one account from ten thousand addresses, every puzzle solved, against its
 * holder, who comes in every day.
 */
export async function benchGuessing(report: Report): Promise<void> {
  await withFolder((folder) => guessing(report, folder))
}

async function guessing(report: Report, folder: string): Promise<void> {
  const passwords = new PlainPasswords()
  await using one = await openEntrance(folder, ['anna', 'bert'], passwords)
  const { signIn, clock } = one
  const random = seeded(43)
  let { device } = await signIn.attempt(typed('anna', PlainPasswords.of('anna'), '192.0.2.1'))
  passwords.verified = 0
  let [days, came, judged, locked] = [0, 0, 0, 0]
  let day = clock.time
  const began = performance.now()
  for (let n = 0; n < TRIES; n++) {
    clock.time += EVERY_MS
    if (clock.time - day >= DAY_MS) {
      day = clock.time
      days++
      const attempt = typed('anna', PlainPasswords.of('anna'), '192.0.2.1', device)
      const [said, next] = await tried(signIn, attempt)
      if (said === 'in') came++
      device = next ?? device
    }
    const address = `10.0.${Math.floor(random() * 40)}.${Math.floor(random() * 250)}`
    const said = await said1(one, address)
    if (said === 'signin.refused') judged++
    if (said === 'signin.stopped') locked++
  }
  report({
    bench: `sign-in: guesses judged of ${TRIES}`,
    value: judged,
    unit: 'guesses in a year',
    detail: {
      stopped: locked,
      days,
      holderCameIn: came,
      seconds: (performance.now() - began) / 1000,
    },
  })
}

async function said1({ signIn }: Entrance, address: string): Promise<string> {
  return (await tried(signIn, typed('anna', 'wrong', address)))[0]
}

async function tried(
  signIn: SignIn,
  attempt: Parameters<SignIn['attempt']>[0],
): Promise<[string, string?]> {
  try {
    return ['in', (await signIn.attempt(attempt)).device]
  } catch (error) {
    return [codeOf(error)]
  }
}

/** Whether time tells which names have accounts: a wrong password for each of many, and for nobody. */
export async function benchTelling(report: Report): Promise<void> {
  await withFolder((folder) => telling(report, folder))
}

async function telling(report: Report, folder: string): Promise<void> {
  const names = Array.from({ length: TIMED }, (_, n) => `person-${n}`)
  await using passwords = new Passwords()
  await using one = await openEntrance(folder, names, passwords)
  const hash = await passwords.encode('what it is')
  for (const name of names) await one.store.rehash(name, hash)
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
  const work: typeof times = { known: [], unknown: [] }
  const random = seeded(45)
  for (let n = 0; n < TIMED; n++) {
    const both = [
      ['known', `person-${n}`],
      ['unknown', `nobody-${n}`],
    ] as const
    for (const [kind, name] of random() < 0.5 ? both : both.toReversed()) {
      one.clock.time += 5000
      const attempt = typed(name, 'not what it is', `10.1.${n % 250}.${n >> 8}`)
      const [begun, worked] = [performance.now(), process.cpuUsage()]
      const [said] = await tried(one.signIn, attempt)
      times[kind].push(performance.now() - begun)
      const { user, system } = process.cpuUsage(worked)
      work[kind].push((user + system) / 1000)
      if (said !== 'signin.refused') throw new Unavailable('service.failed', `it said ${said}`)
    }
  }
  report({
    bench: 'sign-in: time that tells who is known',
    value: Math.abs(median(times.known) - median(times.unknown)),
    unit: 'ms between medians',
    detail: {
      welchT: welch(times.known, times.unknown),
      medianMs: median(times.known),
      // Whatever else the machine does is not in it, nor the hashing, which another process does.
      workWelchT: welch(work.known, work.unknown),
      workBetweenMediansMs: Math.abs(median(work.known) - median(work.unknown)),
      each: TIMED,
    },
  })
}

/** Welch's t of two samples. */
function welch(a: readonly number[], b: readonly number[]): number {
  const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length
  const spread = (all: readonly number[]) => {
    const middle = mean(all)
    return all.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (all.length - 1) / all.length
  }
  return (mean(a) - mean(b)) / Math.sqrt(spread(a) + spread(b))
}

/** Everybody at once, as at the change of a shift, while agents ask. */
export async function benchSignIn(report: Report): Promise<void> {
  await using stage = await ServerStage.open({ agents: AGENTS })
  {
    const file = join(stage.data, 'wanted.db')
    await using store = await Store.open({ file, keyFile: join(stage.home, 'vault.key') })
    await populate(store, facesOf(ENTRIES), 1)
  }
  await addPeople(stage.data)
  const reads = join(stage.home, 'reads')
  await stage.start({ NODE_OPTIONS: `--import ${INSIDE}`, BENCH_READS: reads })
  await using crowd = await Crowd.dial(stage)
  await crowd.through(() => wait(3000))
  await rm(reads)
  const quiet = await crowd.through(() => wait(SECONDS * 1000))
  const quietReads = await numbersIn(reads)
  const people = fork(PEOPLE_PROCESS, [String(stage.consolePort), String(PEOPLE), PASSWORD])
  await once(people, 'message')
  const before = await stage.memory()
  const worked = await stage.worked()
  let most = before
  let mostOfAll = await stage.privateMemory()
  const [beforeOfAll, over] = [mostOfAll, new AbortController()]
  const watching = (async () => {
    while (!over.signal.aborted) {
      most = Math.max(most, await stage.memory())
      mostOfAll = Math.max(mostOfAll, await stage.privateMemory())
      await wait(100)
    }
  })()
  await rm(reads)
  let came: Came | undefined
  const busy = await crowd.through(async () => {
    people.send('go')
    const [said] = (await once(people, 'message')) as [Came]
    came = said
  })
  const busyReads = await numbersIn(reads)
  over.abort()
  await watching
  const { waits, refused } = came!
  const seconds = Math.max(...waits) / 1000
  const spent = (await stage.worked()) - worked
  await wait(AFTER_MS)
  const p99 = percentile(busy.answers, 0.99)
  report({
    bench: `sign-in: match p99 while ${PEOPLE} sign in`,
    value: p99,
    unit: 'ms',
    baseline: 'the same without (inverse)',
    ratio: percentile(quiet.answers, 0.99) / p99,
    p50: percentile(busy.answers, 0.5),
    p99,
    detail: {
      quietP50: percentile(quiet.answers, 0.5),
      quietP99: percentile(quiet.answers, 0.99),
      unanswered: busy.failed,
      signInP50: percentile(waits, 0.5),
      lastInMs: Math.max(...waits),
      toldToComeAgain: refused,
      workedShare: spent / seconds,
      stallMs: busy.stall * 1000,
      stallQuietMs: quiet.stall * 1000,
    },
  })
  report({
    bench: `sign-in: a file read while ${PEOPLE} sign in`,
    value: percentile(busyReads, 0.99),
    unit: 'ms',
    baseline: 'the same without (inverse)',
    ratio: percentile(quietReads, 0.99) / percentile(busyReads, 0.99),
    p50: percentile(busyReads, 0.5),
    p99: percentile(busyReads, 0.99),
    detail: { most: Math.max(...busyReads), quietMost: Math.max(...quietReads) },
  })
  report({
    bench: `sign-in: memory while ${PEOPLE} sign in`,
    value: (mostOfAll - beforeOfAll) / MIB,
    unit: 'MiB more, with its processes',
    detail: {
      server: (most - before) / MIB,
      serverAfter: ((await stage.memory()) - before) / MIB,
      allAfter: ((await stage.privateMemory()) - beforeOfAll) / MIB,
    },
  })
}

/** What was written in the file so far, a number a line. */
async function numbersIn(file: string): Promise<number[]> {
  return (await readFile(file, 'utf8')).trim().split('\n').map(Number)
}

/** Accounts beside those of the server, before it starts. */
async function addPeople(data: string): Promise<void> {
  await using passwords = new Passwords()
  const hash = await passwords.encode(PASSWORD)
  await using store = OperatorStore.open(join(data, 'operators.db'))
  const hand = { by: 'server', from: 'server', why: null }
  for (let n = 0; n < PEOPLE; n++) {
    const name = `person-${n}`
    const account = { name, fullName: '', lists: null, cameras: null, role: 'viewer' } as const
    const change = {
      kind: 'operator.added',
      operator: name,
      hand,
      at: Date.now(),
      details: {},
    } as const
    await store.add({ ...account, password: hash }, change)
  }
}

function typed(name: string, password: string, address: string, device?: string) {
  const captcha = { visit: '', answer: {} as never }
  return { name, password, address, browser: 'bench', wall: false, device, captcha }
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-sign-in-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
