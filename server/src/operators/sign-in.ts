import { createHash } from 'node:crypto'
import type { Clock } from '@vedette/shared/clock'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import {
  type Guessing,
  type GuessStore,
  type Leave,
  NOBODY,
  type Patience,
} from '../store/operators/guesses.ts'
import type { Operator, OperatorStore } from '../store/operators/operators.ts'
import type { Operators } from './operators.ts'
import { NOBODYS_HASH, type Passwords } from './passwords.ts'
import { hashOf, newToken, type Opened, type Sessions } from './sessions.ts'

/** So many wrong ones cost no time; each further one twice what the last did, ms. */
const FREE = 3
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 15 * 60_000
/** Source: NIST SP 800-63B, 5.2.2: no more than 100 in a row. */
const MOST_WRONG = 100
const PATIENCE: Patience = {
  most: MOST_WRONG,
  pause: (failures) =>
    failures < FREE ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - FREE)),
}
const MINUTE_MS = 60_000
const FROM_ONE_PLACE = { within: 5 * MINUTE_MS, most: 20 }
const FROM_ALL = { bucket: 'all', within: MINUTE_MS, most: 60 }

/** What somebody types and where they type it. */
export type Attempt = {
  name: string
  password: string
  wall: boolean
  address: string
  browser: string
  /** What the browser has held since somebody signed in from there. */
  device: string | undefined
}

export type SignInOptions = {
  store: OperatorStore
  guesses: GuessStore
  operators: Operators
  passwords: Passwords
  sessions: Sessions
  clock: Pick<Clock, 'now'>
}

/** Somebody who is in; `device` is what their browser is to hold from now on. */
export type SignedIn = Opened & { operator: Operator; device: string }

/**
 * Whether whoever says a name and a password may come in. What is wrong is never said: name, password
 * and account are judged together, at the same cost.
 */
export class SignIn {
  readonly #options: SignInOptions

  constructor(options: SignInOptions) {
    this.#options = options
  }

  /**
   * Throws Refusal `signin.refused`, `signin.stopped`, Unavailable `signin.wait`, `password.busy`.
   */
  async attempt(attempt: Attempt): Promise<SignedIn> {
    const { guesses, sessions, clock } = this.#options
    const now = clock.now()
    const known = await sessions.knows(attempt.device, attempt.name)
    const guessing = this.#guessing(attempt, known)
    refuseEarly(await guesses.begin(guessing, now, PATIENCE))
    const operator = await this.#judge(attempt).catch(async (error) => {
      await guesses.undo(guessing, now)
      throw error
    })
    if (operator === undefined) throw wrong()
    await guesses.right(guessing, now)
    const device = known && attempt.device !== undefined ? attempt.device : newToken()
    const { wall, address, browser } = attempt
    const opened = await sessions.open({
      operator: operator.name,
      device: hashOf(device),
      ...{ wall, address, browser, secondFactor: false },
    })
    return { ...opened, operator, device }
  }

  /** Whoever was kept out by wrong guesses may try again. */
  async unlock(name: string): Promise<void> {
    await this.#options.guesses.forget([`account ${name}`])
  }

  /** A browser that is known has a count of its own: nobody who guesses elsewhere keeps it out. */
  #guessing({ name, device, address }: Attempt, known: boolean): Guessing {
    if (known && device !== undefined) {
      return { bucket: `device ${hashOf(device)} ${name}`, paces: [] }
    }
    const has = this.#options.operators.find(name) !== undefined
    const hidden = createHash('sha256').update(name).digest('hex')
    return {
      bucket: has ? `account ${name}` : `${NOBODY}${hidden}`,
      paces: [{ bucket: `from ${networkOf(address)}`, ...FROM_ONE_PLACE }, FROM_ALL],
    }
  }

  /** One password is hashed, whoever it is said to be. Undefined where anything is wrong. */
  async #judge({ name, password }: Attempt): Promise<Operator | undefined> {
    const { store, operators, passwords } = this.#options
    const hash = await store.password(name)
    const { right, stale } = await passwords.verify(hash ?? NOBODYS_HASH, password)
    const operator = operators.find(name)
    if (!right || hash === undefined || operator === undefined) return undefined
    if (operator.disabledAt !== null) return undefined
    if (stale) await store.rehash(name, await passwords.encode(password))
    return operator
  }
}

function refuseEarly({ wait, stopped }: Leave): void {
  if (stopped) {
    throw new Refusal('signin.stopped', 'too many wrong passwords: nobody new is let in', {
      hint: 'a browser that signed in before still may; an admin lifts it: vedette users unlock NAME',
    })
  }
  if (wait === 0) return
  throw new Unavailable('signin.wait', 'too many wrong passwords', {
    retryAfter: wait,
    hint: `try again in ${Math.ceil(wait / 1000)} seconds`,
  })
}

function wrong(): Refusal {
  return new Refusal('signin.refused', 'that is not right', {
    hint: 'check name, password and code; an admin sets another password: vedette users password NAME',
  })
}

/** Of an IPv6 address the network: its holder has all the others in it. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/, '')
  return plain.includes(':') ? plain.split(':').slice(0, 4).join(':') : plain
}
