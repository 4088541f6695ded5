import { readFile } from 'node:fs/promises'
import { duration } from '@vedette/shared/config'
import { Refusal } from '@vedette/shared/errors'
import { InvalidArgumentError } from 'commander'

/** A whole number above 0 as an option has it. */
export function count(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError('expected a whole number above 0')
}

/** A time as an option has it, epoch milliseconds: so long ago (90s, 15m, 24h, 7d), or a date. */
export function moment(text: string): number {
  const ago = duration.safeParse(text)
  if (ago.success) return Date.now() - ago.data
  const at = Date.parse(text)
  if (Number.isFinite(at)) return at
  throw new InvalidArgumentError('expected 15m, 24h or 7d, or a date such as 2027-01-31T12:00')
}

/** The text of a file that an option names. Throws Refusal `evaluate.not-found`. */
export async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw new Refusal('evaluate.not-found', `cannot read ${file}: ${cause.message}`, { cause })
  })
}
