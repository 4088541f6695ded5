import { randomBytes } from 'node:crypto'
import { Unavailable } from '@vedette/shared/errors'
import argon2 from 'argon2'
import { checkPassword, MOST, type Owner } from './password-rule.ts'

/** 32 MiB, five times over: 100 to 250 ms of one core. Source: RFC 9106; OWASP's least is 19 MiB, 2. */
export const ARGON2 = {
  type: argon2.argon2id,
  memoryCost: 32 * 1024,
  timeCost: 5,
  parallelism: 1,
} as const

/** At once: the other two of libuv's four threads stay with files, and 64 MiB is all it takes. */
const AT_ONCE = 2
const MOST_WAITING = 16
const MOST_STRANGERS = 12
/** Eighteen take two at a time; whoever is sent away comes back when half are done, ms. */
const BUSY_MS = 1000

/** Of no password at all, for names that have none: it takes as long to find that out. */
export const NOBODYS_HASH = [
  '$argon2id$v=19',
  `m=${ARGON2.memoryCost},t=${ARGON2.timeCost},p=${ARGON2.parallelism}`,
  unpadded(randomBytes(16)),
  unpadded(randomBytes(32)),
].join('$')

/** Hashes and verifies passwords, few at a time: what floods it must not starve anything else. */
export class Passwords {
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** As argon2 encodes it. Throws Refusal `password.weak`, Unavailable `password.busy`. */
  async hash(password: string, owner: Owner): Promise<string> {
    await checkPassword(password, owner)
    return this.encode(password)
  }

  /** The same of one that was taken before. Throws Unavailable `password.busy`. */
  encode(password: string): Promise<string> {
    return this.#inTurn(() => argon2.hash(password.normalize('NFKC'), ARGON2))
  }

  /**
   * Whether `hash` is of `password`, and whether it should be made anew. For whoever is not `known` a
   * part of the queue is closed: strangers alone never fill it. Throws Unavailable `password.busy`.
   */
  async verify(
    hash: string,
    password: string,
    known = true,
  ): Promise<{ right: boolean; stale: boolean }> {
    // Longer than any that was ever taken: not worth the hashing.
    if ([...password].length > MOST) return { right: false, stale: false }
    const work = () => argon2.verify(hash, password.normalize('NFKC'))
    const right = await this.#inTurn(work, known ? MOST_WAITING : MOST_STRANGERS)
    return { right, stale: right && argon2.needsRehash(hash, ARGON2) }
  }

  /**
   * Whether anything is to be asked at all: whoever is sent away costs nothing else either. Throws
   * Unavailable `password.busy`.
   */
  refuseBusy(known: boolean): void {
    const most = known ? MOST_WAITING : MOST_STRANGERS
    if (this.#running >= AT_ONCE && this.#waiting.length >= most) throw busy()
  }

  async #inTurn<T>(work: () => Promise<T>, most = MOST_WAITING): Promise<T> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= most) throw busy()
      await new Promise<void>((go) => this.#waiting.push(go))
    } else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}

function busy(): Unavailable {
  return new Unavailable('password.busy', 'too many passwords are being checked', {
    retryAfter: BUSY_MS,
    hint: 'try again in a second',
  })
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
