import { erasureVerifier } from './erasure.ts'
import { evidenceVerifier } from './evidence.ts'
import { recordVerifier } from './record.ts'
import { broken, type Means, type Verification, type Verifier } from './verification.ts'

/** Every kind of file that Vedette signs. */
const VERIFIERS: readonly Verifier[] = [evidenceVerifier, recordVerifier, erasureVerifier]

/** Verifies whatever Vedette signed, without a server or a vault. */
export async function verify(file: Buffer, means: Means): Promise<Verification> {
  const verifier = VERIFIERS.find((one) => one.knows(file))
  if (verifier !== undefined) return verifier.verify(file, means)
  const kinds = VERIFIERS.map(({ kind }) => kind).join(', ')
  const words = `nothing that Vedette signs begins like this (it signs: ${kinds})`
  return { kind: null, signer: null, findings: [broken('the file', words)] }
}
