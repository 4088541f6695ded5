import { isSigned, knownKeys, type Purpose } from '../audit/signer.ts'
import { broken, type Finding, holds, type Means, type Verification } from './verification.ts'

/** What a signed file says of who signed it. */
export type Signed = {
  /** Id and public key, PEM, as they stand in the file. */
  signer: { id: string; publicKey: string }
  /** What of the file is signed, and the signature. */
  about: string
  bytes: Uint8Array
  signature: Uint8Array
}

/** Judges a signature by the keys that are known; where none are, by the one in the file itself. */
export function judgeSignature(
  purpose: Purpose,
  { signer, about, bytes, signature }: Signed,
  { keys }: Pick<Means, 'keys'>,
): { signer: Verification['signer']; finding: Finding } {
  const { id, publicKey } = signer
  const vouched = keys?.get(id)
  if (keys !== undefined && vouched === undefined) {
    const words = `signed by key ${id}, which is not the deployment's`
    return { signer: { id, vouched: false }, finding: broken('signature', words) }
  }
  const good = verifies(purpose, { id, publicKey: vouched ?? publicKey }, bytes, signature)
  const who = `key ${id}`
  const finding = good
    ? holds('signature', `${about} is as it was signed by ${who}`)
    : broken('signature', `${about} was touched, or was not signed by ${who}`)
  return { signer: { id, vouched: vouched !== undefined }, finding }
}

function verifies(
  purpose: Purpose,
  { id, publicKey }: Signed['signer'],
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const own = knownKeys(publicKey).get(id)
    return own !== undefined && isSigned(own, purpose, bytes, signature)
  } catch {
    return false
  }
}
