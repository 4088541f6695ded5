import { join } from 'node:path'
import type { LedgerEntry } from '@vedette/certs/ledger'
import { SERVER_HAND } from '../hand.ts'
import { type NewOperator, OperatorStore } from '../store/operators/operators.ts'
import type { Operators } from './operators.ts'

/** File of the accounts in a deployment's data folder. */
export const OPERATORS_FILE = 'operators.db'

/** The first account of a deployment, in its folder `data`: an admin. */
export async function foundOperators(data: string, name: string, at: number): Promise<void> {
  await using store = OperatorStore.open(join(data, OPERATORS_FILE))
  const hand = { ...SERVER_HAND, why: 'first account' }
  const details = { role: 'admin' }
  await store.add(adminNamed(name), { kind: 'operator.adopted', operator: name, hand, at, details })
}

/**
 * A deployment that had certificates before it had accounts: whose certificate counts at `now` (ms)
 * becomes an admin, as everybody was. Gives their names.
 */
export async function adoptHolders(
  operators: Operators,
  ledger: readonly LedgerEntry[],
  now: number,
): Promise<string[]> {
  const counts = ({ role, revocation, notAfter }: LedgerEntry) =>
    role === 'operator' && revocation === undefined && notAfter > now
  const names = new Set(ledger.filter(counts).map(({ name }) => name))
  const hand = { ...SERVER_HAND, why: 'had a certificate before there were accounts' }
  for (const name of names) await operators.add(adminNamed(name), hand)
  return [...names]
}

function adminNamed(name: string): NewOperator {
  return { name, fullName: '', role: 'admin', lists: null, cameras: null, password: null }
}
