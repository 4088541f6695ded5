import { join } from 'node:path'
import type { Office } from '@vedette/certs/office'
import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import { OperatorStore } from '../store/operators/operators.ts'
import type { Store } from '../store/store.ts'
import { adoptHolders, OPERATORS_FILE } from './found.ts'
import { Operators } from './operators.ts'

export type StaffOptions = {
  /** Folder of operators.db. */
  data: string
  office: Pick<Office, 'ledger'>
  store: Store
  clock: Clock
  log: Log
}

/** Everybody who works here, and the file that says so. */
export type Staff = AsyncDisposable & { operators: Operators }

/** Opens operators.db; in a deployment from before there were accounts, its operators get theirs. */
export async function openStaff({ data, office, clock, log }: StaffOptions): Promise<Staff> {
  const store = OperatorStore.open(join(data, OPERATORS_FILE))
  try {
    const operators = await Operators.open({ store, onRecord: async () => {}, clock, log })
    if (operators.all().length === 0) {
      const adopted = await adoptHolders(operators, await office.ledger.all(), clock.now())
      log.warn({ operators: adopted, role: 'admin' }, 'operators.adopted')
    }
    return { operators, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
  } catch (error) {
    await store[Symbol.asyncDispose]()
    throw error
  }
}
