import type { Clock } from '@vedette/shared/clock'
import { TokenBucket } from '../gate/bucket.ts'
import { networkOf } from '../gate/entrance.ts'

/** New connections from everywhere, and from one address: a person joins a few boxes an hour. */
const FROM_ALL = { rate: 10, burst: 40 } as const
const FROM_ONE = { rate: 0.5, burst: 10 } as const
/** A wrong code costs as much as so many connections. */
const WRONG_COSTS = 4
const MOST_OPEN = 32
/** Addresses that are remembered. */
const MOST_ADDRESSES = 1024

/** Decides before TLS whether somebody may try to join now. */
export class Turnstile {
  readonly #clock: Clock
  readonly #all: TokenBucket
  readonly #addresses = new Map<string, TokenBucket>()
  #open = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#all = new TokenBucket(FROM_ALL, clock)
  }

  /** False to whoever must wait; else `leave` is to be called once. */
  enter(address: string): boolean {
    if (this.#open >= MOST_OPEN) return false
    if (!this.#of(address).take() || !this.#all.take()) return false
    this.#open++
    return true
  }

  leave(): void {
    this.#open--
  }

  /** What came from `address` was no good code. */
  wrong(address: string): void {
    const bucket = this.#of(address)
    for (let i = 0; i < WRONG_COSTS; i++) bucket.take()
  }

  #of(address: string): TokenBucket {
    const network = networkOf(address)
    const bucket = this.#addresses.get(network) ?? new TokenBucket(FROM_ONE, this.#clock)
    this.#addresses.delete(network)
    this.#addresses.set(network, bucket)
    const [longestAgo] = this.#addresses.keys()
    if (this.#addresses.size > MOST_ADDRESSES) this.#addresses.delete(longestAgo!)
    return bucket
  }
}
