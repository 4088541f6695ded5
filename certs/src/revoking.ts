import type { Clock } from '@vedette/shared/clock'
import { Refusal } from '@vedette/shared/errors'
import type { Identity } from '@vedette/shared/identity'
import type { LedgerEntry } from './ledger.ts'
import type { Office } from './office.ts'

/** One certificate, or all that somebody holds. */
export type Target = { serial: string } | Identity

export type Revoked = Pick<LedgerEntry, 'serial' | 'role' | 'name' | 'notAfter'>

/**
 * Takes back what `target` names, as far as it is valid at all; resolves when that stands on the
 * disk. Nothing it takes back is let in by whoever reads the same ledger. Throws Refusal
 * `certificate.not-found` when nobody ever held such a certificate, `certificate.wrong-state` when
 * none of them is valid any more, `request.invalid` for a reason out of bounds.
 */
export async function revoke(
  { ledger }: Pick<Office, 'ledger'>,
  target: Target,
  reason: string,
  clock: Pick<Clock, 'now'>,
): Promise<Revoked[]> {
  const named = (await ledger.all()).filter((entry) => isOf(target, entry))
  if (named.length === 0) {
    throw new Refusal('certificate.not-found', `no certificate of ${wordsFor(target)}`, {
      hint: 'see: vedette certs list',
    })
  }
  const valid = named.filter((entry) => !entry.revocation && entry.notAfter > clock.now())
  if (valid.length === 0) {
    throw new Refusal('certificate.wrong-state', `${wordsFor(target)}: nothing is valid any more`, {
      hint: 'see: vedette certs list',
    })
  }
  for (const { serial } of valid) await ledger.revoke(serial, reason)
  return valid.map(({ serial, role, name, notAfter }) => ({ serial, role, name, notAfter }))
}

function isOf(target: Target, { serial, role, name }: LedgerEntry): boolean {
  if ('serial' in target) return target.serial === serial
  return target.role === role && target.name === name
}

function wordsFor(target: Target): string {
  return 'serial' in target ? `serial ${target.serial}` : `${target.role} ${target.name}`
}
