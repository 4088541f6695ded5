import { Refusal } from '@vedette/shared/errors'
import type { EnrolmentKeyStore } from '../store/enrolment-keys.ts'
import { sameDigest } from '../store/enrolment-keys.ts'
import type { CheckRequest, Enrolment, EnrolRequest } from './enrolment.ts'
import type { AddedTo, AnsweredAlso, EnrolAnswer } from './enrolment-answer.ts'

/** Something that may be asked for again: by the same key it is the same one. */
export type Wish = {
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
  enrol(
    { request, ...wish }: Wish & { request: EnrolRequest },
    before: () => Promise<void> = async () => {},
  ): Promise<EnrolAnswer> {
    return this.#answered<EnrolAnswer>(request.hand.by, wish, async (also) => {
      await before()
      return this.#options.enrolment.enrol(request, also)
    })
  }

  /** Photographs for somebody, which `add` adds. Throws as that does, and Refusal `request.key-reused`. */
  addPhotos(
    operator: string,
    wish: Wish,
    add: (also: AnsweredAlso<AddedTo> | undefined) => Promise<AddedTo>,
  ): Promise<AddedTo> {
    return this.#answered(operator, wish, add)
  }

  /** What would be said of it; nothing is stored. */
  check(request: CheckRequest): Promise<EnrolAnswer> {
    return this.#options.enrolment.check(request)
  }

  async #answered<A extends EnrolAnswer>(
    operator: string,
    { key, digest }: Wish,
    work: (also: AnsweredAlso<A> | undefined) => Promise<A>,
  ): Promise<A> {
    if (key === undefined) return work(undefined)
    const place = `${operator}\n${key}`
    const running = this.#running.get(place)
    if (running !== undefined) {
      checkSame(running.digest, digest)
      // The same digest is of the same request, and answered as that is.
      return running.answer as Promise<A>
    }
    const answer = this.#once(operator, { key, digest }, work)
    this.#running.set(place, { digest, answer })
    try {
      return await answer
    } finally {
      this.#running.delete(place)
    }
  }

  async #once<A extends EnrolAnswer>(
    operator: string,
    { key, digest }: { key: string; digest: string },
    work: (also: AnsweredAlso<A>) => Promise<A>,
  ): Promise<A> {
    const { keys } = this.#options
    const known = await keys.find(operator, key)
    if (known !== undefined) {
      checkSame(known.digest, digest)
      return known.answer as A
    }
    return work((tx, entryKey, answer) =>
      keys.keep(tx, entryKey, { operator, key, digest, answer }),
    )
  }
}

function checkSame(known: string, digest: string): void {
  if (sameDigest(known, digest)) return
  throw new Refusal('request.key-reused', 'that key was used for another enrolment', {
    hint: 'take a new key for a new enrolment',
  })
}
