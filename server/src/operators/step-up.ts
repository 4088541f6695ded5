import type { Clock } from '@vedette/shared/clock'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import type { AttemptStore } from '../store/operators/attempts.ts'
import type { OperatorStore } from '../store/operators/operators.ts'
import { Passwords } from './passwords.ts'

/** So many wrong ones in a row cost no time; each further one twice what the last did. */
const FREE = 3
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 15 * 60_000

export type StepUpOptions = {
  store: OperatorStore
  attempts: AttemptStore
  clock: Pick<Clock, 'now'>
}

/** Asks for the account's password where a certificate, which can be stolen, is not enough. */
export class StepUp {
  readonly #options: StepUpOptions
  readonly passwords = new Passwords()

  constructor(options: StepUpOptions) {
    this.#options = options
  }

  /**
   * Resolves where the account has no password, or `password` is it. `serial` is of the certificate
   * that asks. Throws Refusal `password.missing`, `password.wrong`, Unavailable `password.wait`,
   * `password.busy`, `worker.died`.
   */
  async check(operator: string, serial: string, password: string | undefined): Promise<void> {
    const { store, attempts, clock } = this.#options
    const hash = await store.password(operator)
    if (hash === undefined) return
    if (password === undefined) {
      throw new Refusal('password.missing', `this asks for the password of ${operator}`, {
        hint: 'type it at a terminal, or give it with --password-file FILE or in VEDETTE_PASSWORD',
        params: { operator },
      })
    }
    using place = this.passwords.place()
    const wait = await attempts.begin(operator, serial, clock.now(), pauseAfter)
    if (wait > 0) throw tooEarly(wait)
    const { right, stale } = await this.passwords
      .verify(hash, password, place)
      .catch(async (error) => {
        await attempts.undo(operator, serial)
        throw error
      })
    if (!right) {
      throw new Refusal('password.wrong', `that is not the password of ${operator}`, {
        hint: 'an admin sets another one with: vedette users password NAME',
        params: { operator },
      })
    }
    await attempts.right(operator, serial)
    const anew = stale ? await this.passwords.anew(password) : undefined
    if (anew !== undefined) await store.rehash(operator, anew)
  }

  /** The certificate `former` was renewed by `serial`: what was tried with it is not forgotten. */
  async renewed(former: string, serial: string): Promise<void> {
    await this.#options.attempts.renewed(former, serial)
  }
}

function pauseAfter(failures: number): number {
  if (failures < FREE) return 0
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - FREE))
}

function tooEarly(retryAfter: number): Unavailable {
  return new Unavailable('password.wait', 'too many wrong passwords from here', {
    retryAfter,
    hint: `try again in ${Math.ceil(retryAfter / 1000)} seconds; other devices are not kept waiting`,
  })
}
