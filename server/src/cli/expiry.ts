import { duration } from '@vedette/shared/config'
import { InvalidArgumentError } from 'commander'

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** When something ends that is to last `30d`, or to the end of the day `2027-01-31` here. */
export function expiryFrom(text: string, now = Date.now()): number {
  if (DAY.test(text)) {
    const end = new Date(`${text}T23:59:59.999`).getTime()
    if (!Number.isNaN(end)) return end
  }
  const lasting = duration.safeParse(text)
  if (lasting.success) return now + lasting.data
  throw new InvalidArgumentError('expected how long, like 30d, or a day, like 2027-01-31')
}
