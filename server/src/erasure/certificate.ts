import { isSigned, type Signer } from '../audit/signer.ts'
import type { Hand } from '../hand.ts'
import type { ErasedRows } from '../store/erasure.ts'

export const ERASURE_KIND = 'vedette-erasure'

/** Says that nothing is left of an entry. Times are epoch milliseconds. */
export type ErasureStatement = {
  kind: typeof ERASURE_KIND
  version: 1
  entry: string
  /** When it was asked for and when the last byte was gone. */
  at: number
  erasedAt: number
  by: string
  from: string
  why: string | null
  rows: ErasedRows
  /** Where the record says so: number and hash of its last act then. */
  record: { seq: number; hash: string }
}

/** The statement and who signed it (Ed25519; `publicKey` is PEM, `signature` base64). */
export type ErasureCertificate = ErasureStatement & {
  signer: string
  publicKey: string
  signature: string
}

export function certify(
  signer: Signer,
  statement: Omit<ErasureStatement, 'kind' | 'version' | 'by' | 'from' | 'why'> & { hand: Hand },
): ErasureCertificate {
  const { hand, ...rest } = statement
  const whole: ErasureStatement = { kind: ERASURE_KIND, version: 1, ...rest, ...hand }
  const signature = signer.sign('erasure', bytesOf(whole)).toString('base64')
  return { ...whole, signer: signer.id, publicKey: signer.publicKey, signature }
}

/** Whether every word of it is as it was signed by the key that it names. */
export function isGenuine(certificate: ErasureCertificate): boolean {
  const { signer: _, publicKey, signature, ...statement } = certificate
  try {
    return isSigned(publicKey, 'erasure', bytesOf(statement), Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}

function bytesOf(statement: ErasureStatement): Buffer {
  return Buffer.from(JSON.stringify(sorted(statement)))
}

/** The same with every object's keys in order: what is signed does not depend on who wrote it down. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.keys(value).sort()
  return Object.fromEntries(
    keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]),
  )
}
