import { readFile } from 'node:fs/promises'
import { Refusal } from '@vedette/shared/errors'
import { InvalidArgumentError } from 'commander'

/** A whole number above 0 as an option has it. */
export function count(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError('expected a whole number above 0')
}

/** The text of a file that an option names. Throws Refusal `evaluate.not-found`. */
export async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw new Refusal('evaluate.not-found', `cannot read ${file}: ${cause.message}`, { cause })
  })
}
