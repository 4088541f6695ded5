import { randomBytes } from 'node:crypto'
import { Unavailable } from '@vedette/shared/errors'
import { Child } from '../child.ts'
import { ThreadFault, threadModule } from '../thread.ts'
import { COST } from './password-cost.ts'
import type { PasswordReply, PasswordRequest } from './password-process.ts'
import { checkPassword, MOST, type Owner } from './password-rule.ts'

/** Passwords that may wait for their turn, and those of strangers among them. */
const MOST_WAITING = 16
const MOST_STRANGERS = 12
/** Whoever is sent away comes back when some are done, ms. */
const BUSY_MS = 1000
/** A process that had nothing to do for so long ends, and what it held is free, ms. */
const IDLE_MS = 60_000
/** Twice what one takes, and time enough where everything else goes before it. */
const LIMITS = { memory: 256, patience: 30_000, niceness: 10 }

/** Of no password at all, for names that have none: it takes as long to find that out. */
export const NOBODYS_HASH = [
  '$argon2id$v=19',
  `m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}`,
  unpadded(randomBytes(16)),
  unpadded(randomBytes(32)),
].join('$')

/** Somebody's place in the queue, until it is given back. */
export type Place = Disposable

/**
 * Hashes and verifies passwords, one at a time, in a process that stands behind this one: what floods
 * it starves nothing else. There is no process before the first password, and none where none came
 * for a while.
 */
export class Passwords {
  readonly #idleMs: number
  #last: Promise<unknown> = Promise.resolve()
  #places = 0
  #worker: Child<PasswordRequest, PasswordReply> | undefined
  #idle: NodeJS.Timeout | undefined
  #closed = false

  constructor({ idleMs = IDLE_MS }: { idleMs?: number } = {}) {
    this.#idleMs = idleMs
  }

  /** The process that hashes, where there is one. */
  get pid(): number | undefined {
    return this.#worker?.over ? undefined : this.#worker?.pid
  }

  /** Passwords that it works on, one at most. */
  get backlog(): number {
    return this.#worker?.backlog ?? 0
  }

  /** As argon2 encodes it. Throws Refusal `password.weak`, and as `encode` does. */
  async hash(password: string, owner: Owner): Promise<string> {
    await checkPassword(password, owner)
    return this.encode(password)
  }

  /** The same of one that was taken before. Throws Unavailable `password.busy`, `worker.died`. */
  async encode(password: string): Promise<string> {
    using _place = this.place()
    const reply = await this.#inTurn({ kind: 'hash', password: password.normalize('NFKC') })
    if (reply.kind === 'hashed') return reply.hash
    throw new TypeError(`hashed expected, ${reply.kind} came`)
  }

  /**
   * Whether `hash` is of `password`, and whether it should be made anew. Throws Unavailable
   * `password.busy` where there is no place and `place` is none that was taken before, `worker.died`.
   */
  async verify(
    hash: string,
    password: string,
    place: Place = this.place(),
  ): Promise<{ right: boolean; stale: boolean }> {
    using _place = place
    // Longer than any that was ever taken: not worth the hashing.
    if ([...password].length > MOST) return { right: false, stale: false }
    const request = { kind: 'verify', hash, password: password.normalize('NFKC') } as const
    const reply = await this.#inTurn(request)
    if (reply.kind === 'verified') return { right: reply.right, stale: reply.stale }
    throw new TypeError(`verified expected, ${reply.kind} came`)
  }

  /**
   * The same as `encode`, of one that was just right and whose hash is old; undefined where there is
   * no place now: it is made anew another time.
   */
  async anew(password: string): Promise<string | undefined> {
    try {
      return await this.encode(password)
    } catch (error) {
      if (error instanceof Unavailable) return undefined
      throw error
    }
  }

  /**
   * A place in the queue, before anything else is done: whoever is sent away costs nothing. For whoever
   * is not `known` a part of it is closed: strangers alone never fill it. Throws Unavailable
   * `password.busy`.
   */
  place(known = true): Place {
    if (this.#places > (known ? MOST_WAITING : MOST_STRANGERS)) throw busy()
    this.#places++
    let mine = true
    return {
      [Symbol.dispose]: () => {
        if (mine) this.#places--
        mine = false
      },
    }
  }

  /** What is being hashed is finished; what waits is told to come again. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idle)
    await this.#worker?.[Symbol.asyncDispose]()
  }

  #inTurn(request: PasswordRequest): Promise<PasswordReply> {
    const asked = this.#last.then(() => this.#ask(request))
    this.#last = asked.catch(() => {})
    return asked
  }

  /** What ends the process costs whoever it worked for; whoever waits gets another. */
  async #ask(request: PasswordRequest): Promise<PasswordReply> {
    if (this.#closed) throw brokenOff()
    clearTimeout(this.#idle)
    if (this.#worker === undefined || this.#worker.over) {
      this.#worker = new Child(threadModule('password-process', import.meta.url), null, LIMITS)
    }
    try {
      return await this.#worker.ask(request)
    } catch (cause) {
      throw cause instanceof ThreadFault ? cause : brokenOff(cause)
    } finally {
      if (!this.#closed) this.#idle = setTimeout(() => this.#rest(), this.#idleMs).unref()
    }
  }

  #rest(): void {
    void this.#worker?.[Symbol.asyncDispose]()
    this.#worker = undefined
  }
}

function busy(): Unavailable {
  return new Unavailable('password.busy', 'too many passwords are being checked', {
    retryAfter: BUSY_MS,
    hint: 'try again in a second',
  })
}

function brokenOff(cause?: unknown): Unavailable {
  return new Unavailable('worker.died', 'the password could not be checked', {
    cause,
    retryAfter: BUSY_MS,
    hint: 'nothing was counted: try again in a second',
  })
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
