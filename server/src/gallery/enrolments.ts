import { Refusal } from '@vedette/shared/errors'
import type { EnrolmentKeyStore } from '../store/enrolment-keys.ts'
import { sameDigest } from '../store/enrolment-keys.ts'
import type { CheckRequest, Enrolment, EnrolRequest } from './enrolment.ts'
import type { EnrolAnswer } from './enrolment-answer.ts'

/** An enrolment that may be asked for again: by the same key it is the same one. */
export type Wish = {
  request: EnrolRequest
  key: string | undefined
  /** Of all that is asked for. */
  digest: string
}

export type EnrolmentsOptions = {
  enrolment: Enrolment
  keys: EnrolmentKeyStore
}

/** Enrolments as they are asked for from outside: nobody is enrolled twice by asking twice. */
export class Enrolments {
  readonly #options: EnrolmentsOptions
  /** Under way, by operator and key. */
  readonly #running = new Map<string, { digest: string; answer: Promise<EnrolAnswer> }>()

  constructor(options: EnrolmentsOptions) {
    this.#options = options
  }

  /** Throws as Enrolment.enrol does, and Refusal `request.key-reused`. */
  async enrol(wish: Wish, before: () => Promise<void> = async () => {}): Promise<EnrolAnswer> {
    const { key, digest } = wish
    const { hand } = wish.request
    if (key === undefined) {
      await before()
      return this.#options.enrolment.enrol(wish.request)
    }
    const place = `${hand.by}\n${key}`
    const running = this.#running.get(place)
    if (running !== undefined) {
      checkSame(running.digest, digest)
      return running.answer
    }
    const answer = this.#once(wish, key, before)
    this.#running.set(place, { digest, answer })
    try {
      return await answer
    } finally {
      this.#running.delete(place)
    }
  }

  /** What would be said of it; nothing is stored. */
  check(request: CheckRequest): Promise<EnrolAnswer> {
    return this.#options.enrolment.check(request)
  }

  async #once(
    { request, digest }: Wish,
    key: string,
    before: () => Promise<void>,
  ): Promise<EnrolAnswer> {
    const { enrolment, keys } = this.#options
    const { hand } = request
    const known = await keys.find(hand.by, key)
    if (known !== undefined) {
      checkSame(known.digest, digest)
      return known.answer
    }
    await before()
    return enrolment.enrol(request, (tx, entryKey, answer) =>
      keys.keep(tx, entryKey, { operator: hand.by, key, digest, answer }),
    )
  }
}

function checkSame(known: string, digest: string): void {
  if (sameDigest(known, digest)) return
  throw new Refusal('request.key-reused', 'that key was used for another enrolment', {
    hint: 'take a new key for a new enrolment',
  })
}
