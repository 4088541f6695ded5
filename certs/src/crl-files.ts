import { readFile, stat } from 'node:fs/promises'
import { codeOf, IntegrityFault } from '@vedette/shared/errors'
import { type Crl, type CrlOptions, type CrlSigner, makeCrl, readCrl } from './crl.ts'
import { writeAtomic } from './files.ts'
import { BACKDATE } from './profile.ts'

/** Where an authority's list lies, and the highest number that one of its lists ever had. */
export type CrlPlace = { crl: string; crlNumber: string }

export type NextCrl = Pick<CrlOptions, 'revoked'> & {
  /** Epoch milliseconds. */
  now: number
  /** When it ceases to be in force, epoch milliseconds. */
  until: number
  /** Highest number that is known of an earlier one. */
  above?: number
}

/** Longest list looked at, bytes; one of 10,000 certificates has half a million. */
const LONGEST = 16 * 2 ** 20

/** Signs the next list of an authority and puts it in its place; on the disk when this resolves. */
export async function writeCrl(
  place: CrlPlace,
  signer: CrlSigner,
  { revoked, now, until, above = 0 }: NextCrl,
): Promise<Crl> {
  const known = [above, await highestNumber(place), await numberAt(place.crl, signer.certificate)]
  const number = Math.max(...known) + 1
  const pem = await makeCrl(signer, {
    number,
    thisUpdate: wholeSeconds(now - BACKDATE),
    nextUpdate: wholeSeconds(until),
    revoked,
  })
  // The list first: a number without its list would refuse the list that is there.
  await writeAtomic(place.crl, pem)
  await writeAtomic(place.crlNumber, `${number}\n`)
  return readCrl(pem, signer.certificate)
}

/**
 * Reads the list of the holder of `certificate` (PEM); undefined where there is no file. Throws
 * IntegrityFault as `readCrl` does, and `crl.older` for a number below one that there was.
 */
export async function readCrlFile(
  place: CrlPlace,
  certificate: string,
  lowest = 0,
): Promise<Crl | undefined> {
  const found = await stat(place.crl).catch(absent)
  if (found === undefined) return undefined
  if (found.size > LONGEST) throw new IntegrityFault('crl.unreadable', 'the list is too long')
  const crl = readCrl(await readFile(place.crl, 'latin1'), certificate)
  const floor = Math.max(lowest, await highestNumber(place))
  if (crl.number >= floor) return crl
  throw new IntegrityFault('crl.older', `list ${crl.number} is older than list ${floor}`)
}

async function highestNumber({ crlNumber }: CrlPlace): Promise<number> {
  const text = await readFile(crlNumber, 'latin1').catch(absent)
  const number = Number(text ?? 0)
  return Number.isSafeInteger(number) ? number : 0
}

async function numberAt(file: string, certificate: string): Promise<number> {
  const text = await readFile(file, 'latin1').catch(absent)
  if (text === undefined) return 0
  try {
    return readCrl(text, certificate).number
  } catch (error) {
    if (error instanceof IntegrityFault) return 0
    throw error
  }
}

function absent(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined
  throw error
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}
