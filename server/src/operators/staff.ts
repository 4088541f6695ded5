import { join } from 'node:path'
import type { Office } from '@vedette/certs/office'
import type { Clock } from '@vedette/shared/clock'
import { IntegrityFault } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { OperatorRecord } from '../store/operator-record.ts'
import { AttemptStore } from '../store/operators/attempts.ts'
import { GuessStore } from '../store/operators/guesses.ts'
import { OperatorStore } from '../store/operators/operators.ts'
import { SecondFactorStore } from '../store/operators/second-factors.ts'
import { SessionStore } from '../store/operators/sessions.ts'
import type { VaultSecrets } from '../store/vault-secrets.ts'
import { Captchas } from './captchas.ts'
import { adoptHolders, OPERATORS_FILE } from './found.ts'
import { Operators } from './operators.ts'
import { SecondFactors } from './second-factors.ts'
import { type SessionLimits, Sessions } from './sessions.ts'
import { SignIn, type Wish } from './sign-in.ts'
import { StepUp } from './step-up.ts'

export type StaffOptions = {
  /** Folder of operators.db. */
  data: string
  office: Pick<Office, 'ledger'>
  record: OperatorRecord
  /** How long people stay signed in at the console. */
  limits: SessionLimits
  secondFactor: Wish
  /** What the secrets of second factors are sealed with. */
  secrets: Pick<VaultSecrets, 'key'>
  clock: Clock
  log: Log
}

/** Everybody who works here, and the file that says so. */
export type Staff = AsyncDisposable & {
  operators: Operators
  stepUp: StepUp
  sessions: Sessions
  factors: SecondFactors
  captchas: Captchas
  signIn: SignIn
}

/**
 * Opens operators.db; in a deployment from before there were accounts, its operators get theirs.
 * Throws IntegrityFault `operators.missing`, `operators.older` where the record knows of more.
 */
export async function openStaff(options: StaffOptions): Promise<Staff> {
  const { data, office, record, limits, secondFactor, secrets, clock, log } = options
  const file = join(data, OPERATORS_FILE)
  const store = OperatorStore.open(file)
  try {
    checkAge(await store.lastChange(), await record.noted(), file)
    const onRecord = async () => record.append(await store.changesAfter(await record.noted()))
    await onRecord()
    const operators = await Operators.open({ store, onRecord, clock, log })
    if (operators.all().length === 0) {
      const adopted = await adoptHolders(operators, await office.ledger.all(), clock.now())
      log.warn({ operators: adopted, role: 'admin' }, 'operators.adopted')
    }
    const stepUp = new StepUp({ store, attempts: new AttemptStore(store.queries), clock })
    const { passwords } = stepUp
    const sessions = new Sessions({ store: new SessionStore(store.queries), limits, clock })
    const factors = await SecondFactors.open({
      store: new SecondFactorStore(store.queries),
      key: () => secrets.key('second-factors'),
      clock,
    })
    const captchas = new Captchas(clock)
    const signIn = new SignIn({
      ...{ store, operators, passwords, sessions, factors, captchas, secondFactor, clock },
      guesses: new GuessStore(store.queries),
    })
    const close = {
      async [Symbol.asyncDispose]() {
        await passwords[Symbol.asyncDispose]()
        await store[Symbol.asyncDispose]()
      },
    }
    return { operators, stepUp, sessions, factors, captchas, signIn, ...close }
  } catch (error) {
    await store[Symbol.asyncDispose]()
    throw error
  }
}

/** A file that is gone or older would give back what was taken: roles, passwords, open accounts. */
function checkAge(last: number, noted: number, file: string): void {
  if (last >= noted) return
  const code = last === 0 ? 'operators.missing' : 'operators.older'
  const what = last === 0 ? 'has no accounts' : `ends with change ${last}`
  throw new IntegrityFault(code, `${file} ${what}, and ${noted} are on record`, {
    hint: 'restore it and wanted.db from one backup: vedette db restore',
  })
}
