import { Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import type { Caller } from '../operators/caller.ts'
import { type Account, accountOf } from '../report/account.ts'
import type { CameraId } from '../thresholds/budgets.ts'
import type { DeskParts } from './parts.ts'

/** Longest period that is accounted for at a time, milliseconds. */
const LONGEST = 400 * 86_400_000

const instant = z.coerce.number().int().min(0).max(8.64e15)

/** A period as it is asked for, epoch milliseconds. */
export const period = z.object({
  from: instant,
  to: instant,
  /** Whose days are meant. */
  timeZone: z.string().max(64).refine(isZone, 'no such time zone').default('UTC'),
})

export type Period = z.output<typeof period>

/** Throws Refusal `request.invalid`. */
export function checkPeriod({ from, to }: Pick<Period, 'from' | 'to'>): void {
  if (to > from && to - from <= LONGEST) return
  throw new Refusal('request.invalid', 'a period ends after it begins, 400 days later at most', {
    hint: 'choose one that began already, and a shorter one',
  })
}

/** What was done in a period and what came of it, of what is there for `caller`. */
export async function accountFor(
  caller: Caller,
  { from, to, timeZone }: Period,
  { store, clock }: Pick<DeskParts, 'store' | 'clock'>,
): Promise<Account> {
  const [usage, sizes, lists, alerts] = await Promise.all([
    store.usage.cameras(from, to),
    store.usage.lists(from, to),
    store.usage.listsNow(),
    store.alerts.accounted(from, to),
  ])
  const here = ({ agent, camera }: CameraId) => caller.seesCamera(agent, camera)
  return accountOf({
    ...{ from, to, timeZone, madeAt: clock.now(), by: caller.name },
    usage: usage.filter(here),
    sizes: sizes.filter(({ list }) => caller.sees(list)),
    lists: new Map([...lists].filter(([list]) => caller.sees(list))),
    alerts: alerts.filter((alert) => here(alert) && caller.sees(alert.list)),
  })
}

function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}
