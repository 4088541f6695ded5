import { trustVersion } from '@vedette/shared/trust'

/** What every agent is to trust, and who signs for it. */
export type Trust = {
  /** Of the roots, as agents have it (shared/trust.ts). */
  version: string
  /** Every root, PEM. */
  roots: string
  /** Id of the authority that signs for agents: one whose leaf another signed renews at once. */
  issuer: string
}

export function trustOf(roots: readonly string[], issuer: string): Trust {
  const bundle = roots.join('')
  return { version: trustVersion(bundle), roots: bundle, issuer }
}
