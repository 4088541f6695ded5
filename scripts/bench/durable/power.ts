import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Report, seeded } from '../measure.ts'
import { ClerkProcess } from './clerk-process.ts'
import type { Deed, Done } from './deeds.ts'
import { type Finding, inquest } from './inquest.ts'
import { canLoop, LoopDisk } from './loop-disk.ts'
import { makeHome } from './place.ts'

const DEEDS: readonly Deed[] = ['enrol', 'raise', 'acknowledge', 'note']
const DISK_MB = 128
/** Cuts after which there is a new disk: else most of the time goes into looking at old rows. */
const CUTS_OF_A_DISK = 40
/** The power is cut so long after the store was opened, milliseconds. */
const SOONEST = 30
const LATEST = 400

export type PowerOptions = { cuts: number; seed?: number }

/** What was found after all cuts of one kind. */
type Tally = {
  cuts: number
  acknowledged: number
  lost: number
  cutsWithLoss: number
  twice: number
  damaged: number
}

/**
 * Power cuts: somebody does deeds in a store as fast as it lets him; at a random moment he is
 * stopped, the disk is copied as the block device has it, and what was acknowledged by then is looked
 * for on the copy. Then the power is back: he goes on from there. Where no disk can be made of a
 * file, he is killed instead, which takes nothing from the kernel that it had: that says less.
 */
export async function benchPower(report: Report, { cuts, seed = 1 }: PowerOptions): Promise<void> {
  const looped = await canLoop()
  const kind = looped ? 'cut' : 'killed (no loop mounts here)'
  const ours = await series({ cuts, seed, looped, careless: false })
  tell(report, 'power', kind, ours)
  if (!looped) return
  // The same with commits that do not wait for the disk: the test must see what they lose.
  const control = await series({
    cuts: Math.max(5, Math.ceil(cuts / 5)),
    seed,
    looped,
    careless: true,
  })
  tell(report, 'power.control', 'cut, synchronous=NORMAL', control)
}

function tell(report: Report, bench: string, kind: string, tally: Tally): void {
  const { lost, ...rest } = tally
  report({
    bench: `${bench}.lost`,
    value: lost,
    unit: 'acknowledged rows',
    detail: { kind, ...rest },
  })
}

type Series = { cuts: number; seed: number; looped: boolean; careless: boolean }

async function series({ cuts, seed, looped, careless }: Series): Promise<Tally> {
  const random = seeded(seed)
  const tally = { cuts: 0, acknowledged: 0, lost: 0, cutsWithLoss: 0, twice: 0, damaged: 0 }
  const home = await makeHome()
  try {
    while (tally.cuts < cuts) {
      let disk = looped ? await LoopDisk.make(DISK_MB) : undefined
      let acknowledged: Done[] = []
      let person = 0
      for (let i = 0; i < CUTS_OF_A_DISK && tally.cuts < cuts; i++) {
        const data = join(disk?.path ?? home, 'data')
        const clerk = new ClerkProcess({
          home,
          data,
          deeds: DEEDS,
          from: person,
          tries: 1,
          careless,
        })
        await clerk.ready
        await wait(SOONEST + random() * (LATEST - SOONEST))
        await clerk.stop()
        const after = await disk?.cut()
        await clerk.kill()
        await disk?.[Symbol.asyncDispose]()
        disk = after
        acknowledged.push(...clerk.done)
        person += clerk.done.length + 1
        const found = await inquest(home, join(disk?.path ?? home, 'data'), acknowledged)
        count(tally, found, clerk.done.length)
        // What is lost is lost once.
        const lost = new Set(found.lost)
        acknowledged = acknowledged.filter((one) => !lost.has(one))
      }
      await disk?.[Symbol.asyncDispose]()
      await rm(join(home, 'data'), { recursive: true, force: true })
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
  return tally
}

function count(tally: Tally, found: Finding, done: number): void {
  tally.cuts++
  tally.acknowledged += done
  tally.lost += found.lost.length
  if (found.lost.length > 0) tally.cutsWithLoss++
  tally.twice += found.twice.length
  if (found.whole !== 'ok' || found.broken > 0) tally.damaged++
}
