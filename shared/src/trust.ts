import { createHash, X509Certificate } from 'node:crypto'
import { IdentityFault, messageOf } from './errors.ts'
import { splitPem } from './pem.ts'

/** Roots in one bundle at most: the present one, the next one, and room for a mishap. */
const MOST_ROOTS = 8

/**
 * The version of a bundle of roots (PEM): a hash of the certificates in it, whatever their order,
 * 32 lower-case hexadecimal digits. Throws IdentityFault `identity.bad-trust` as `rootsOf` does.
 */
export function trustVersion(roots: string): string {
  const prints = rootsOf(roots).map(({ fingerprint256 }) => fingerprint256)
  const hash = createHash('sha256').update([...new Set(prints)].sort().join('\n'))
  return hash.digest('hex').slice(0, 32)
}

/**
 * The certificates of a bundle. Throws IdentityFault `identity.bad-trust` unless they are 1 to 8
 * authorities that signed themselves.
 */
export function rootsOf(roots: string): X509Certificate[] {
  const blocks = splitPem(roots)
  if (blocks.length < 1 || blocks.length > MOST_ROOTS) throw bad(`${blocks.length} certificates`)
  return blocks.map((block) => {
    try {
      const root = new X509Certificate(block)
      if (root.ca && root.checkIssued(root) && root.verify(root.publicKey)) return root
    } catch (cause) {
      throw bad(messageOf(cause), cause)
    }
    throw bad('one is not a root')
  })
}

/**
 * True when `chain` (leaf first) leads to one of `roots`: each is signed by the next and the last
 * by a root. Dates and purposes are TLS's to judge.
 */
export function leadsTo(
  chain: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): boolean {
  const last = chain.at(-1)
  if (last === undefined) return false
  const signed = (by: X509Certificate, what: X509Certificate) =>
    what.checkIssued(by) && what.verify(by.publicKey)
  for (let i = 0; i + 1 < chain.length; i++) {
    if (!signed(chain[i + 1]!, chain[i]!)) return false
  }
  return roots.some((root) => root.raw.equals(last.raw) || signed(root, last))
}

function bad(why: string, cause?: unknown): IdentityFault {
  return new IdentityFault('identity.bad-trust', `not a bundle of roots: ${why}`, { cause })
}
