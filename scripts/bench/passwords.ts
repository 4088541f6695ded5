import { readFile } from 'node:fs/promises'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Gallery } from '@vedette/server/gallery/gallery'
import { COST } from '@vedette/server/operators/password-cost'
import { Passwords } from '@vedette/server/operators/passwords'
import { codeOf } from '@vedette/shared/errors'
import argon2 from 'argon2'
import { facelike, median, percentile, type Report, seeded } from './measure.ts'

const MANY = 200
const TEMPLATES = 10_000
const LENGTH = 128
const IDLE_MS = 5000
const MIB = 2 ** 20

type Suffered = {
  seconds: number
  searches: number[]
  reads: number[]
  loopP99: number
  loopMax: number
  rss: number
}

/**
 * Two hundred passwords to be checked while faces are searched for: what that does to the searches,
 * to reading files and to the event loop, with the queue and without.
 */
export async function benchPasswords(report: Report): Promise<void> {
  const random = seeded(7)
  const vectors = facelike(TEMPLATES, LENGTH, random)
  const templates = vectors.map((vector, i) => ({
    id: `t${i}`,
    entryId: `e${i}`,
    list: 'wanted',
    expiresAt: Number.MAX_SAFE_INTEGER,
    vector,
  }))
  await using gallery = await Gallery.open('bench', { length: LENGTH, threads: 2 }, templates)
  await using passwords = new Passwords()
  const one = await argon2.hash('correct horse battery', COST)
  const alone: number[] = []
  for (let n = 0; n < 9; n++) {
    const begun = performance.now()
    await passwords.verify(one, 'correct horse battery')
    alone.push(performance.now() - begun)
  }
  report({ bench: 'passwords: one check', value: median(alone), unit: 'ms' })

  const suffer = (work: () => Promise<unknown>) => during(work, gallery, vectors)
  const idle = await suffer(() => sleep(IDLE_MS))
  let refused = 0
  const queued = await suffer(() =>
    Promise.all(
      Array.from({ length: MANY }, () => patiently(passwords, one, random, () => refused++)),
    ),
  )
  const unbounded = await suffer(() =>
    Promise.all(Array.from({ length: MANY }, () => argon2.verify(one, 'correct horse battery'))),
  )
  tell(report, 'idle', idle)
  tell(report, `${MANY} at once, two at a time`, queued, { refused })
  tell(report, `${MANY} at once, unbounded`, unbounded)
}

/** As a client that comes again when it was told to. */
async function patiently(
  passwords: Passwords,
  hash: string,
  random: () => number,
  onRefused: () => void,
): Promise<void> {
  for (;;) {
    try {
      await passwords.verify(hash, 'correct horse battery')
      return
    } catch (error) {
      if (codeOf(error) !== 'password.busy') throw error
      onRefused()
      await sleep(1000 + random() * 1000)
    }
  }
}

async function during(
  work: () => Promise<unknown>,
  gallery: Gallery,
  probes: readonly Float32Array[],
): Promise<Suffered> {
  const file = fileURLToPath(import.meta.url)
  const [searches, reads] = [[] as number[], [] as number[]]
  const before = process.memoryUsage.rss()
  let [over, rss] = [false, before]
  const repeat = async (taken: number[], once: (n: number) => Promise<unknown>) => {
    for (let n = 0; !over; n++) {
      const begun = performance.now()
      await once(n)
      taken.push(performance.now() - begun)
      rss = Math.max(rss, process.memoryUsage.rss())
      await sleep(5)
    }
  }
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  const begun = performance.now()
  const busy = [
    repeat(searches, (n) => gallery.search(probes[n % probes.length]!)),
    repeat(reads, () => readFile(file)),
  ]
  await work()
  const seconds = (performance.now() - begun) / 1000
  over = true
  await Promise.all(busy)
  loop.disable()
  const [loopP99, loopMax] = [loop.percentile(99) / 1e6, loop.max / 1e6]
  return { seconds, searches, reads, loopP99, loopMax, rss: (rss - before) / MIB }
}

function tell(
  report: Report,
  what: string,
  { seconds, searches, reads, loopP99, loopMax, rss }: Suffered,
  more: Record<string, number> = {},
): void {
  const detail = { seconds, loopP99, loopMax, rssMiB: rss, ...more }
  report({
    bench: `passwords: search, ${what}`,
    value: median(searches),
    unit: 'ms',
    p99: percentile(searches, 0.99),
    detail,
  })
  report({
    bench: `passwords: file read, ${what}`,
    value: median(reads),
    unit: 'ms',
    p99: percentile(reads, 0.99),
    detail: { max: Math.max(...reads) },
  })
}
