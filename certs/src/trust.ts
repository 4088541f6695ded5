import { createHash, X509Certificate } from 'node:crypto'

/** What every agent is to trust, and who signs for it. */
export type Trust = {
  /** Changes when anything else here does: 32 hexadecimal digits. */
  version: string
  /** Every root, PEM. */
  roots: string
  /** Id of the authority that signs for agents: one whose leaf another signed renews at once. */
  issuer: string
}

export function trustOf(roots: readonly string[], issuer: string): Trust {
  const prints = roots.map((pem) => new X509Certificate(pem).fingerprint256).toSorted()
  const digest = createHash('sha256')
    .update([...prints, issuer].join('\n'))
    .digest('hex')
  return { version: digest.slice(0, 32), roots: roots.join(''), issuer }
}
