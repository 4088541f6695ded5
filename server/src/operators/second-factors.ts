import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '@vedette/shared/clock'
import { Refusal } from '@vedette/shared/errors'
import { Secret, TOTP } from 'otpauth'
import { renderSVG } from 'uqr'
import type { SecondFactorStore } from '../store/operators/second-factors.ts'
import type { EntryKey } from '../store/vault.ts'

/** Seconds that a code is good for. Source: RFC 6238. */
const PERIOD_S = 30
/** A phone's clock may be off by one step, either way. */
const DRIFT = 1
const SECRET_BYTES = 20
const RECOVERY_CODES = 10
const RECOVERY_BYTES = 10
const TABLE = 'secondFactors'

export type SecondFactorsOptions = {
  store: SecondFactorStore
  /** What secrets are sealed with. */
  key: () => Promise<EntryKey>
  clock: Pick<Clock, 'now'>
}

/** What an authenticator app is told: to be typed, or as a picture of it (SVG). */
export type Proposal = { secret: string; address: string; picture: string }

/** Codes from an authenticator app: something that somebody has, beside what they know. */
export class SecondFactors {
  readonly #options: SecondFactorsOptions
  readonly #holders: Set<string>

  static async open(options: SecondFactorsOptions): Promise<SecondFactors> {
    return new SecondFactors(options, await options.store.holders())
  }

  private constructor(options: SecondFactorsOptions, holders: readonly string[]) {
    this.#options = options
    this.#holders = new Set(holders)
  }

  has(operator: string): boolean {
    return this.#holders.has(operator)
  }

  codesLeft(operator: string): Promise<number> {
    return this.#options.store.codesLeft(operator)
  }

  /** A new one, which counts once `confirm` has seen a code of it. Throws Refusal `second-factor.exists`. */
  async propose(operator: string): Promise<Proposal> {
    if (this.has(operator)) {
      throw new Refusal('second-factor.exists', `${operator} has a second factor`, {
        hint: 'remove it first, then set up another',
        params: { operator },
      })
    }
    const secret = new Secret({ size: SECRET_BYTES })
    const key = await this.#options.key()
    const sealed = key.seal(placeOf(operator), Buffer.from(secret.base32))
    await this.#options.store.propose(operator, Buffer.from(sealed).toString('base64'))
    const address = totpOf(operator, secret.base32).toString()
    return { secret: secret.base32, address, picture: renderSVG(address, { border: 2 }) }
  }

  /**
   * From now on it is asked for. Gives codes for whoever loses it, each good once. Throws Refusal
   * `second-factor.wrong`, `second-factor.none`.
   */
  async confirm(operator: string, code: string): Promise<string[]> {
    const { store, clock } = this.#options
    if ((await store.find(operator)) === undefined) {
      throw new Refusal('second-factor.none', 'no second factor was begun', {
        hint: 'begin again: the app must have the new secret first',
      })
    }
    if (this.has(operator) || !(await this.#isCurrent(operator, code))) {
      throw new Refusal('second-factor.wrong', 'that is not the code that the app shows now', {
        hint: 'is the clock of the phone right? wait for the next code and type that',
      })
    }
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode)
    await store.accept(operator, clock.now(), codes.map(hashOfCode))
    this.#holders.add(operator)
    return codes
  }

  /** Whether `code` is of `operator`, from the app or one of the others; then it is used up. */
  async check(operator: string, code: string): Promise<boolean> {
    const typed = code.replace(/[\s-]/g, '').toLowerCase()
    if (/^\d{6}$/.test(typed)) return this.#isCurrent(operator, typed)
    return this.#options.store.spend(operator, hashOfCode(typed))
  }

  /** True where there was one. */
  async remove(operator: string): Promise<boolean> {
    const had = await this.#options.store.remove(operator)
    this.#holders.delete(operator)
    return had
  }

  async #isCurrent(operator: string, code: string): Promise<boolean> {
    const { store, clock } = this.#options
    const stored = await store.find(operator)
    if (stored === undefined) return false
    const key = await this.#options.key()
    const secret = key.open(placeOf(operator), Buffer.from(stored.secret, 'base64')).toString()
    const timestamp = clock.now()
    const token = code.replace(/\s/g, '')
    const delta = totpOf(operator, secret).validate({ token, timestamp, window: DRIFT })
    if (delta === null) return false
    return store.use(operator, Math.floor(timestamp / 1000 / PERIOD_S) + delta)
  }
}

function totpOf(operator: string, secret: string): TOTP {
  return new TOTP({ issuer: 'Vedette', label: operator, secret, period: PERIOD_S })
}

function placeOf(operator: string) {
  return { table: TABLE, row: operator, column: 'secret' }
}

/** 80 random bits, in four groups to be read from paper. */
function newRecoveryCode(): string {
  const text = new Secret({ buffer: new Uint8Array(randomBytes(RECOVERY_BYTES)).buffer }).base32
  return (text.toLowerCase().match(/.{4}/g) ?? []).join('-')
}

function hashOfCode(code: string): string {
  return createHash('sha256').update(code.replaceAll('-', '')).digest('hex')
}
