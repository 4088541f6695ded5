import { duration } from '@vedette/shared/config'
import { InvalidArgumentError } from 'commander'
import { endOfDay } from './period.ts'

/** When something ends that is to last `30d`, or to the end of the day `2027-01-31` here. */
export function expiryFrom(text: string, now = Date.now()): number {
  const over = endOfDay(text)
  if (over !== undefined) return over - 1
  const lasting = duration.safeParse(text)
  if (lasting.success) return now + lasting.data
  throw new InvalidArgumentError('expected how long, like 30d, or a day, like 2027-01-31')
}
