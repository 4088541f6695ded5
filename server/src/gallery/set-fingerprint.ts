import { hash as hashOf } from 'node:crypto'

/** Tells sets apart that change one by one: the XOR of the SHA-256 of every member. */
export class SetFingerprint {
  readonly #sum = Buffer.alloc(32)

  /** Adds `member`; a second time takes it out again. */
  toggle(member: string): void {
    const hash = hashOf('sha256', member, 'buffer')
    for (let i = 0; i < hash.length; i++) this.#sum[i]! ^= hash[i]!
  }

  /** Hexadecimal. */
  toString(): string {
    return this.#sum.toString('hex')
  }
}
