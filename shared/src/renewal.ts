/** A certificate is valid this long before it was made, so that a slow clock accepts it: ms. */
export const BACKDATE_MS = 60_000

/** Both ends of a certificate's life, epoch milliseconds. */
export type Period = { notBefore: number; notAfter: number }

/**
 * When a certificate is to be renewed, epoch milliseconds: at two thirds of its life, less up to a
 * twentieth of it, so that a fleet that was issued together does not renew together. `random` is
 * uniform in [0, 1).
 */
export function renewalDue({ notBefore, notAfter }: Period, random: () => number): number {
  const life = Math.max(0, notAfter - notBefore - BACKDATE_MS)
  return notAfter - life / 3 - (random() * life) / 20
}
