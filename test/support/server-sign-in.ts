import { Captchas } from '@vedette/server/operators/captchas'
import { Operators } from '@vedette/server/operators/operators'
import { Passwords } from '@vedette/server/operators/passwords'
import { SecondFactors } from '@vedette/server/operators/second-factors'
import { Sessions } from '@vedette/server/operators/sessions'
import { type Attempt, SignIn, type Wish } from '@vedette/server/operators/sign-in'
import { GuessStore } from '@vedette/server/store/operators/guesses'
import { OperatorStore } from '@vedette/server/store/operators/operators'
import { SecondFactorStore } from '@vedette/server/store/operators/second-factors'
import { SessionStore } from '@vedette/server/store/operators/sessions'
import { EntryKey } from '@vedette/server/store/vault'
import { silentLog } from '@vedette/shared/log'
import type { ManualClock } from './agent-clock.ts'

export const HOUR_MS = 3_600_000

/** Passwords are what they are encoded as: for thousands of guesses, each of which is counted. */
export class PlainPasswords extends Passwords {
  verified: string[] = []

  override async encode(password: string): Promise<string> {
    return password
  }

  override async verify(hash: string, password: string) {
    this.verified.push(hash)
    return { right: hash === password, stale: false }
  }
}

/** Accounts of anna and bert in `folder`, and the way in. */
export async function openSignIn(
  folder: string,
  clock: ManualClock,
  secondFactor: Wish = 'optional',
) {
  const store = OperatorStore.open(`${folder}/operators.db`)
  const log = silentLog
  const operators = await Operators.open({ store, onRecord: async () => {}, clock, log })
  const hand = { by: 'server', from: 'server', why: null }
  for (const name of ['anna', 'bert']) {
    if (operators.find(name) !== undefined) continue
    const account = { name, fullName: '', lists: null, cameras: null, role: 'operator' } as const
    await operators.add({ ...account, password: `the right words of ${name}` }, hand)
  }
  const passwords = new PlainPasswords()
  const limits = { idle: HOUR_MS / 4, longest: 12 * HOUR_MS, wall: 90 * 24 * HOUR_MS }
  const sessions = new Sessions({ store: new SessionStore(store.queries), limits, clock })
  const key = new EntryKey(Buffer.alloc(32, 7))
  const factors = await SecondFactors.open({
    store: new SecondFactorStore(store.queries),
    key: async () => key,
    clock,
  })
  const captchas = new Captchas(clock)
  const guesses = new GuessStore(store.queries)
  const parts = { store, operators, passwords, sessions, factors, captchas, secondFactor, clock }
  const signIn = new SignIn({ ...parts, guesses })
  return { ...parts, guesses, signIn, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

export type OpenSignIn = Awaited<ReturnType<typeof openSignIn>>

export function attempt(name: string, password: string, more: Partial<Attempt> = {}): Attempt {
  const browser = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0'
  return { name, password, wall: false, address: '192.0.2.1', browser, device: undefined, ...more }
}
