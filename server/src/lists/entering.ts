import { Refusal } from '@vedette/shared/errors'
import type { Demand, List } from './list.ts'

const WORDS: Record<Demand, string> = {
  reason: '--because',
  legalBasis: '--legal-basis',
  authority: '--authority',
  caseNumber: '--case',
  note: '--note',
}

/**
 * When an entry of `list` expires that is given time at `now`: `asked`, or as is usual for the list.
 * Throws Refusal `entry.expiry`.
 */
export function expiryOf(
  { id, usualLife, longestLife }: List,
  asked: number | undefined,
  now: number,
): number {
  if (asked === undefined) return now + usualLife
  if (!Number.isSafeInteger(asked) || asked <= now) {
    throw new Refusal('entry.expiry', 'an entry expires at a time to come', {
      hint: 'give it like --expires 30d, or --expires 2027-01-31',
    })
  }
  if (asked > now + longestLife) {
    const days = Math.floor(longestLife / 86_400_000)
    throw new Refusal('entry.expiry', `nobody is on list ${id} for longer than ${days} days`, {
      hint: 'give it less time: an entry can be extended when somebody has looked at it again',
      params: { list: id, days },
    })
  }
  return asked
}

/** Throws Refusal `entry.incomplete` where something is not said that `list` demands. */
export function checkDemands({ id, demands }: List, said: Record<Demand, string>): void {
  const missing = demands.filter((demand) => said[demand].trim() === '')
  if (missing.length === 0) return
  throw new Refusal('entry.incomplete', `list ${id} demands: ${missing.join(', ')}`, {
    hint: `say it with ${missing.map((demand) => WORDS[demand]).join(', ')}`,
    params: { list: id, demands: missing },
  })
}
