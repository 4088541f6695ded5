import { createHash } from 'node:crypto'
import type { Clock } from '@vedette/shared/clock'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import {
  type Guessing,
  type GuessStore,
  guessedRight,
  type Leave,
  NOBODY,
  type Patience,
} from '../store/operators/guesses.ts'
import type { Operator, OperatorStore } from '../store/operators/operators.ts'
import type { WithSession } from '../store/operators/sessions.ts'
import type { Spoken } from './captcha-sound.ts'
import type { Captchas, PutTo, Puzzle, PuzzleAnswer } from './captchas.ts'
import type { Operators } from './operators.ts'
import { standsAlone } from './password-rule.ts'
import { NOBODYS_HASH, type Passwords, type Place } from './passwords.ts'
import type { SecondFactors } from './second-factors.ts'
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
const PUZZLES_FROM_ONE_PLACE = { within: 5 * MINUTE_MS, most: 60 }
const PUZZLES_FROM_ALL = { bucket: 'puzzled', within: MINUTE_MS, most: 240 }
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
  /** From an authenticator app, where whoever signs in has one. */
  code?: string | undefined
  /** Of the puzzle that was put to this browser. */
  captcha?: { answer: PuzzleAnswer; visit: string } | undefined
}

export type SignInOptions = {
  store: OperatorStore
  guesses: GuessStore
  operators: Operators
  passwords: Passwords
  sessions: Sessions
  factors: SecondFactors
  captchas: Captchas
  secondFactor: Wish
  clock: Pick<Clock, 'now'>
}

/** Whether codes of authenticator apps are asked for. */
export type Wish = 'off' | 'optional' | 'required'

/** Somebody who is in; `device` is what their browser is to hold from now on. */
export type SignedIn = Opened & { operator: Operator; device: string }

/**
 * Whether whoever says a name and a password may come in. What is wrong is never said: name, password
 * and account are judged together, at the same cost.
 */
export class SignIn {
  readonly #options: SignInOptions
  #tell: (error: unknown) => void = () => {}

  constructor(options: SignInOptions) {
    this.#options = options
  }

  /**
   * Throws Refusal `signin.refused`, `signin.stopped`, `captcha.missing`, `captcha.wrong`,
   * Unavailable `signin.wait`, `password.busy`, `worker.died`.
   */
  async attempt(attempt: Attempt): Promise<SignedIn> {
    try {
      const signedIn = await this.#attempt(attempt)
      this.#tell(undefined)
      return signedIn
    } catch (error) {
      this.#tell(error)
      throw error
    }
  }

  /** Calls `listener` with what was thrown of every attempt, undefined where somebody came in. */
  listen(listener: (error: unknown) => void): void {
    this.#tell = listener
  }

  async #attempt(attempt: Attempt): Promise<SignedIn> {
    const { guesses, sessions, passwords, clock } = this.#options
    const now = clock.now()
    const known = await sessions.knows(attempt.device, attempt.name)
    using place = passwords.place(known)
    const guessing = this.#guessing(attempt, known)
    const leave = await guesses.peek(guessing, now, PATIENCE)
    refuseEarly(leave)
    if (leave.failures >= FREE) await this.#puzzled(attempt)
    refuseEarly(await guesses.begin(guessing, now, PATIENCE))
    const operator = await this.#judge(attempt, place).catch(async (error) => {
      await guesses.undo(guessing, now)
      throw error
    })
    if (operator === undefined) throw wrong(leave.failures + 1)
    return this.#welcome(attempt, operator, known, (tx) => guessedRight(tx, guessing, now))
  }

  async #welcome(
    attempt: Attempt,
    operator: Operator,
    known: boolean,
    more: WithSession,
  ): Promise<SignedIn> {
    const { sessions, factors, secondFactor: wish } = this.#options
    const device = known && attempt.device !== undefined ? attempt.device : newToken()
    const { wall, address, browser } = attempt
    const secondFactor = wish !== 'off' && factors.has(operator.name)
    const alone = secondFactor || standsAlone(attempt.password)
    const owesPassword = operator.passwordGiven || !alone
    const owesFactor = wish === 'required' && !secondFactor
    const given = {
      operator: operator.name,
      device: hashOf(device),
      owes: owesPassword ? 'password' : owesFactor ? 'second-factor' : null,
      ...{ wall, address, browser, secondFactor },
    } as const
    const opened = await sessions.open(given, more)
    return { ...opened, operator, device }
  }

  /** The work and the code are for whoever has guessed wrong before; they take the place of no wait. */
  async #puzzled({ name, captcha }: Attempt): Promise<void> {
    if (captcha === undefined) {
      throw new Refusal('captcha.missing', 'after wrong passwords a code is asked for as well', {
        hint: 'type the code that the picture shows, or listen to it',
      })
    }
    await this.#options.captchas.check({ visit: captcha.visit, name }, captcha.answer)
  }

  /** Whoever was kept out by wrong guesses may try again; gives how many those were. */
  unlock(name: string): Promise<number> {
    return this.#options.guesses.forget(name)
  }

  /** Wrong guesses in a row, and until when no further one is taken, epoch milliseconds. */
  async held(name: string): Promise<{ failures: number; heldUntil: number }> {
    const { failures, notBefore } = await this.#options.guesses.failures(name)
    const heldUntil = failures >= MOST_WRONG ? Number.MAX_SAFE_INTEGER : notBefore
    return { failures, heldUntil }
  }

  /** A puzzle for whoever types `name`. Throws Unavailable `signin.wait`. */
  async puzzle(
    { address, ...to }: PutTo & { address: string },
    language?: Spoken,
  ): Promise<Puzzle> {
    const { guesses, captchas, clock } = this.#options
    const from = { bucket: `puzzled ${networkOf(address)}`, ...PUZZLES_FROM_ONE_PLACE }
    const wait = await guesses.keep([from, PUZZLES_FROM_ALL], clock.now())
    const puzzle = wait > 0 ? undefined : await captchas.make(to, language)
    if (puzzle !== undefined) return puzzle
    throw tooEarly('too many pictures were asked for', Math.max(wait, 1000))
  }

  /** A browser that is known has a count of its own: nobody who guesses elsewhere keeps it out. */
  #guessing({ name, device, address }: Attempt, known: boolean): Guessing {
    if (known && device !== undefined) {
      return { bucket: `device ${name} ${hashOf(device)}`, paces: [] }
    }
    const has = this.#options.operators.find(name) !== undefined
    const hidden = createHash('sha256').update(name).digest('hex')
    return {
      bucket: has ? `account ${name}` : `${NOBODY}${hidden}`,
      paces: [{ bucket: `from ${networkOf(address)}`, ...FROM_ONE_PLACE }, FROM_ALL],
    }
  }

  /** One password is hashed, whoever it is said to be. Undefined where anything is wrong. */
  async #judge({ name, password, code }: Attempt, place: Place): Promise<Operator | undefined> {
    const { store, operators, passwords, factors, secondFactor } = this.#options
    const hash = await store.password(name)
    const { right, stale } = await passwords.verify(hash ?? NOBODYS_HASH, password, place)
    const operator = operators.find(name)
    if (!right || hash === undefined || operator === undefined) return undefined
    if (operator.disabledAt !== null) return undefined
    if (secondFactor !== 'off' && factors.has(name)) {
      if (code === undefined || !(await factors.check(name, code))) return undefined
    }
    const anew = stale ? await passwords.anew(password) : undefined
    if (anew !== undefined) await store.rehash(name, anew)
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
  throw tooEarly('too many wrong passwords', wait)
}

function tooEarly(message: string, retryAfter: number): Unavailable {
  return new Unavailable('signin.wait', message, {
    retryAfter,
    hint: `try again in ${Math.ceil(retryAfter / 1000)} seconds`,
  })
}

/** The same whatever is wrong, and whoever is meant. */
function wrong(failures: number): Refusal {
  const more = failures >= FREE ? '; a code from a picture is asked for from now on' : ''
  return new Refusal('signin.refused', 'name, password or code is wrong', {
    hint: `check all of them${more}; an admin sets another password: vedette users password NAME`,
    ...(more && { params: { next: 'picture' } }),
  })
}

/** Of an IPv6 address the network: its holder has all the others in it. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/, '')
  return plain.includes(':') ? plain.split(':').slice(0, 4).join(':') : plain
}
