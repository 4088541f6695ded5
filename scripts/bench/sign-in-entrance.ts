import { join } from 'node:path'
import { Captchas } from '@vedette/server/operators/captchas'
import { Operators } from '@vedette/server/operators/operators'
import { Passwords } from '@vedette/server/operators/passwords'
import { SecondFactors } from '@vedette/server/operators/second-factors'
import { Sessions } from '@vedette/server/operators/sessions'
import { SignIn } from '@vedette/server/operators/sign-in'
import { GuessStore } from '@vedette/server/store/operators/guesses'
import { OperatorStore } from '@vedette/server/store/operators/operators'
import { SecondFactorStore } from '@vedette/server/store/operators/second-factors'
import { SessionStore } from '@vedette/server/store/operators/sessions'
import { EntryKey } from '@vedette/server/store/vault'
import { silentLog } from '@vedette/shared/log'

const HOUR_MS = 3_600_000

/** Passwords that are what they are encoded as: a million are judged in no time. */
export class PlainPasswords extends Passwords {
  verified = 0

  static of(name: string): string {
    return `the right words of ${name}`
  }

  override async verify(hash: string, password: string) {
    this.verified++
    return { right: hash === password, stale: false }
  }
}

/** Solved by whoever is asked: the throttle is all that is left. */
class SolvedPuzzles extends Captchas {
  override async check(): Promise<void> {}
}

export type Entrance = AsyncDisposable & {
  signIn: SignIn
  store: OperatorStore
  clock: { time: number; now(): number }
}

/** The way in, with accounts `names`, and time that is set by hand. */
export async function openEntrance(
  folder: string,
  names: readonly string[],
  passwords: Passwords,
): Promise<Entrance> {
  const clock = {
    time: 1_763_650_000_000,
    now() {
      return this.time
    },
  }
  const store = OperatorStore.open(join(folder, 'operators.db'))
  const log = silentLog
  const operators = await Operators.open({ store, onRecord: async () => {}, clock, log })
  const hand = { by: 'server', from: 'server', why: null }
  for (const name of names) {
    const account = { name, fullName: '', lists: null, cameras: null, role: 'operator' } as const
    await operators.add({ ...account, password: PlainPasswords.of(name) }, hand)
  }
  const limits = { idle: HOUR_MS / 4, longest: 12 * HOUR_MS, wall: 90 * 24 * HOUR_MS }
  const sessions = new Sessions({ store: new SessionStore(store.queries), limits, clock })
  const key = async () => new EntryKey(Buffer.alloc(32, 7))
  const factors = await SecondFactors.open({
    store: new SecondFactorStore(store.queries),
    key,
    clock,
  })
  const signIn = new SignIn({
    ...{ store, operators, passwords, sessions, factors, clock },
    captchas: new SolvedPuzzles(clock),
    secondFactor: 'optional',
    guesses: new GuessStore(store.queries),
  })
  return { signIn, store, clock, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}
