import type { Clock } from '@vedette/shared/clock'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Hand } from '../hand.ts'
import type {
  NewOperator,
  Operator,
  OperatorChange,
  OperatorPatch,
  OperatorStore,
} from '../store/operators/operators.ts'
import { type Caller, callerOf } from './caller.ts'
import { checkName, checkScope, refuseOwn, scopeDetails } from './checks.ts'
import type { Role } from './roles.ts'
import type { Scope } from './scope.ts'

export type OperatorsOptions = {
  store: OperatorStore
  /** Resolves when the record has what was changed. */
  onRecord: () => Promise<void>
  clock: Pick<Clock, 'now'>
  log: Log
}

const HOUR_MS = 3_600_000
/** Accounts that people may make in a time, milliseconds. */
const CREATIONS = [
  { within: HOUR_MS, most: 5 },
  { within: 24 * HOUR_MS, most: 20 },
] as const
/** How exactly it is known when somebody was last here, milliseconds. */
const SEEN_MS = 60_000

/** Somebody may do less, or something else, by a change of this kind. */
export type CutOff = (name: string, kind: OperatorChange['kind']) => void

/** Who works at the desk, as what, and on which lists and cameras. */
export class Operators {
  readonly #options: OperatorsOptions
  readonly #known = new Map<string, Operator>()
  readonly #listeners = new Set<CutOff>()
  #turn: Promise<unknown> = Promise.resolve()

  static async open(options: OperatorsOptions): Promise<Operators> {
    const operators = new Operators(options)
    await operators.#read()
    return operators
  }

  private constructor(options: OperatorsOptions) {
    this.#options = options
  }

  /** By name. */
  all(): Operator[] {
    return [...this.#known.values()]
  }

  /** Throws Refusal `operator.not-found`. */
  get(name: string): Operator {
    const operator = this.#known.get(name)
    if (operator !== undefined) return operator
    throw new Refusal('operator.not-found', `no account ${name}`, {
      hint: 'see: vedette users list',
      params: { name },
    })
  }

  /** Undefined where there is no such account. */
  find(name: string): Operator | undefined {
    return this.#known.get(name)
  }

  /** Throws Refusal `operator.unknown`, `operator.disabled`. */
  caller(name: string): Caller {
    const operator = this.#known.get(name)
    if (operator === undefined) {
      throw new Refusal('operator.unknown', `${name} has a certificate, and no account`, {
        hint: `an admin makes one with: vedette users add ${name} --role ROLE --no-certificate`,
        params: { name },
      })
    }
    if (operator.disabledAt !== null) {
      throw new Refusal('operator.disabled', `the account ${name} is disabled`, {
        hint: `an admin opens it again with: vedette users enable ${name}`,
        params: { name },
      })
    }
    return callerOf(operator)
  }

  /** They have asked for something. */
  async seen(name: string): Promise<void> {
    const { store, clock } = this.#options
    const operator = this.#known.get(name)
    const now = clock.now()
    if (operator === undefined || now - (operator.seenAt ?? 0) < SEEN_MS) return
    this.#known.set(name, { ...operator, seenAt: now })
    await store.seen(name, now)
  }

  /** Calls `listener` when somebody may do less, or something else; returns what ends that. */
  listen(listener: CutOff): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Throws Refusal `operator.exists`, `operator.invalid`, Unavailable `operator.throttled`. */
  add(operator: NewOperator, hand: Hand): Promise<Operator> {
    return this.#alone(async () => {
      const { name, role } = operator
      checkName(operator)
      checkScope(operator)
      if (this.#known.has(name)) {
        throw new Refusal('operator.exists', `there is an account ${name}`, {
          hint: `see: vedette users show ${name}; accounts are never made anew`,
          params: { name },
        })
      }
      if (hand.by !== 'server') await this.#throttle()
      const details = { role, ...scopeDetails(operator) }
      const kind = hand.by === 'server' ? 'operator.adopted' : 'operator.added'
      await this.#options.store.add(operator, this.#change(kind, name, hand, details))
      return this.#changed(name)
    })
  }

  /** Throws Refusal `operator.not-found`, `operator.own`, `operator.last-admin`. */
  setRole(name: string, role: Role, hand: Hand): Promise<Operator> {
    return this.#alone(async () => {
      const before = this.get(name)
      refuseOwn(name, hand)
      if (before.role === 'admin' && role !== 'admin') this.#keepAnAdmin(name)
      return this.#set('operator.role', name, { role }, hand, { from: before.role, to: role })
    })
  }

  /** Throws Refusal `operator.not-found`, `operator.own`, `operator.invalid`. */
  setScope(name: string, scope: Scope, hand: Hand): Promise<Operator> {
    return this.#alone(async () => {
      this.get(name)
      refuseOwn(name, hand)
      checkScope(scope)
      return this.#set('operator.scope', name, scope, hand, scopeDetails(scope))
    })
  }

  /**
   * `password` as argon2 encodes it. What somebody else has set is to be changed at the next sign-in.
   * Throws Refusal `operator.not-found`.
   */
  setPassword(name: string, password: string, hand: Hand): Promise<Operator> {
    return this.#alone(async () => {
      const { hasPassword } = this.get(name)
      const patch = { password, passwordGiven: hand.by !== name }
      return this.#set('operator.password', name, patch, hand, { first: !hasPassword })
    })
  }

  /** Something was done about an account that is not in its row, for the record. */
  note(
    kind: OperatorChange['kind'],
    name: string,
    hand: Hand,
    details: OperatorChange['details'] = {},
  ): Promise<void> {
    return this.#alone(async () => {
      await this.#options.store.noteChange(this.#change(kind, name, hand, details))
      await this.#options.onRecord()
    })
  }

  /** Throws Refusal `operator.not-found`, `operator.own`, `operator.last-admin`. */
  disable(name: string, hand: Hand): Promise<Operator> {
    return this.#alone(async () => {
      const { role, disabledAt } = this.get(name)
      if (disabledAt !== null) return this.get(name)
      refuseOwn(name, hand)
      if (role === 'admin') this.#keepAnAdmin(name)
      const disabled = { disabledAt: this.#options.clock.now(), disabledBy: hand.by }
      return this.#set('operator.disabled', name, disabled, hand, { role })
    })
  }

  /** Throws Refusal `operator.not-found`. */
  enable(name: string, hand: Hand): Promise<Operator> {
    return this.#alone(async () => {
      const { role, disabledAt } = this.get(name)
      if (disabledAt === null) return this.get(name)
      const enabled = { disabledAt: null, disabledBy: null }
      return this.#set('operator.enabled', name, enabled, hand, { role })
    })
  }

  async #set(
    kind: OperatorChange['kind'],
    name: string,
    patch: OperatorPatch,
    hand: Hand,
    details: OperatorChange['details'],
  ): Promise<Operator> {
    await this.#options.store.change(patch, this.#change(kind, name, hand, details))
    const cutsOff = kind !== 'operator.password' && kind !== 'operator.enabled'
    return this.#changed(name, cutsOff ? kind : undefined)
  }

  #change(
    kind: OperatorChange['kind'],
    operator: string,
    hand: Hand,
    details: OperatorChange['details'],
  ): OperatorChange {
    return { kind, operator, hand, at: this.#options.clock.now(), details }
  }

  /** Who may do less is cut off before anybody is told that it is done. */
  async #changed(name: string, cutOff?: OperatorChange['kind']): Promise<Operator> {
    await this.#read()
    if (cutOff) for (const listener of this.#listeners) listener(name, cutOff)
    await this.#options.onRecord()
    return this.get(name)
  }

  #keepAnAdmin(name: string): void {
    const others = this.all().filter(
      (other) => other.name !== name && other.role === 'admin' && other.disabledAt === null,
    )
    if (others.length > 0) return
    throw new Refusal('operator.last-admin', `${name} is the last admin`, {
      hint: 'make another one first: vedette users role NAME admin',
      params: { name },
    })
  }

  async #throttle(): Promise<void> {
    const { store, clock } = this.#options
    const now = clock.now()
    for (const { within, most } of CREATIONS) {
      const made = await store.addedSince(now - within)
      if (made.length < most) continue
      const retryAfter = made[made.length - most]! + within - now
      throw new Unavailable('operator.throttled', `${made.length} accounts were made lately`, {
        retryAfter,
        hint: `the next one can be made in ${Math.ceil(retryAfter / 60_000)} minutes`,
        params: { accounts: made.length },
      })
    }
  }

  async #read(): Promise<void> {
    const rows = await this.#options.store.all()
    for (const row of rows) this.#known.set(row.name, row)
  }

  /** One change after the other: each is judged by what the last one left. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }
}
