import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '@vedette/shared/clock'
import type { Owed, Session, SessionStore, WithSession } from '../store/operators/sessions.ts'

/** How long people stay signed in, milliseconds. */
export type SessionLimits = {
  /** Without doing anything. */
  idle: number
  /** Whatever they do. */
  longest: number
  /** A screen on the wall. */
  wall: number
}

export type SessionsOptions = {
  store: SessionStore
  limits: SessionLimits
  clock: Pick<Clock, 'now'>
}

/** A session, with what its browser is to hold. */
export type Opened = { token: string; session: Session }

const TOKEN_BYTES = 32
/** So many at once of one person; beyond it the oldest goes. */
const MOST_OF_ONE = 20
/** How exactly it is known when somebody last did something, of the time that is allowed between. */
const ACTED_SHARE = 1 / 15
/** A browser from which nobody came for so long is a strange one again, milliseconds. */
const DEVICE_MS = 400 * 86_400_000

/**
 * Who is signed in at the console. A browser holds 256 random bits; the file has only their hash,
 * so that whoever reads it is not signed in.
 */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #listeners = new Set<(id: string) => void>()

  constructor(options: SessionsOptions) {
    this.#options = options
  }

  /**
   * Always with a new id: what a browser held before it signed in is worth nothing. `more` is written
   * with it.
   */
  async open(
    given: Omit<Session, 'id' | 'openedAt' | 'actedAt' | 'endsAt'>,
    more?: WithSession,
  ): Promise<Opened> {
    const { store, limits, clock } = this.#options
    const now = clock.now()
    const others = await store.of(given.operator)
    for (const { id } of others.slice(MOST_OF_ONE - 1)) await this.end(id)
    const token = newToken()
    const endsAt = now + (given.wall ? limits.wall : limits.longest)
    const session = { ...given, id: hashOf(token), openedAt: now, actedAt: now, endsAt }
    const since = { idleSince: now - limits.idle, devicesSince: now - DEVICE_MS }
    await store.open(session, since, more)
    return { token, session }
  }

  /** Undefined where there is none, or it is over. */
  async find(token: string): Promise<Session | undefined> {
    return this.#live(hashOf(token))
  }

  /** Whether it still counts. */
  async counts(id: string): Promise<boolean> {
    return (await this.#live(id)) !== undefined
  }

  /** The latest first. */
  async of(operator: string): Promise<Session[]> {
    const now = this.#options.clock.now()
    return (await this.#options.store.of(operator)).filter((one) => this.expiresAt(one) > now)
  }

  /** When it is over if nobody does anything, epoch milliseconds. */
  expiresAt({ actedAt, endsAt, wall }: Session): number {
    return wall ? endsAt : Math.min(endsAt, actedAt + this.#options.limits.idle)
  }

  /** Of what was owed this is left; `secondFactor`: whether one is in hand. */
  async settle({ id }: Session, owes: Owed | null, secondFactor: boolean): Promise<void> {
    await this.#options.store.settle(id, owes, secondFactor)
  }

  /** A person did something. */
  async acted(session: Session): Promise<Session> {
    const { store, limits, clock } = this.#options
    const now = clock.now()
    if (session.wall || now - session.actedAt < limits.idle * ACTED_SHARE) return session
    await store.acted(session.id, now)
    return { ...session, actedAt: now }
  }

  /** What it holds open is cut off before this resolves. */
  async end(id: string): Promise<void> {
    await this.#options.store.remove(id)
    for (const listener of this.#listeners) listener(id)
  }

  /** Ends all of `operator` save `kept`; gives how many those were. */
  async endAll(operator: string, kept?: string): Promise<number> {
    const ended = (await this.#options.store.of(operator)).filter(({ id }) => id !== kept)
    for (const { id } of ended) await this.end(id)
    return ended.length
  }

  /** No browser but `kept` (its hash) is known to be that of `operator` any more. */
  forgetDevices(operator: string, kept = ''): Promise<void> {
    return this.#options.store.forgetDevices(operator, kept)
  }

  /** Whether `operator` has signed in before from the browser that holds `token`. */
  async knows(token: string | undefined, operator: string): Promise<boolean> {
    return token !== undefined && this.#options.store.knows(hashOf(token), operator)
  }

  /** Calls `listener` with the id of every session that is ended; returns what ends that. */
  listen(listener: (id: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #live(id: string): Promise<Session | undefined> {
    const session = await this.#options.store.find(id)
    if (session === undefined || this.expiresAt(session) > this.#options.clock.now()) return session
    await this.end(id)
    return undefined
  }
}

/** 256 random bits. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

/** What is kept of something that a browser holds. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** What whoever holds `token` says with everything that changes something; no other site can. */
export function csrfOf(token: string): string {
  return createHmac('sha256', token).update('csrf').digest('base64url')
}
