import type { Clock } from '@vedette/shared/clock'
import { TokenBucket } from './bucket.ts'
import type { GateLimits, Rate } from './limits.ts'

/** Addresses of which it is remembered how often they came lately. */
const MOST_ADDRESSES = 4096
/** Addresses remembered for having been welcome. */
const MOST_KNOWN = 16_384

/**
 * A gate that opens has saved up this share of a second's arrivals and no burst: after a power cut a
 * whole fleet is at the door.
 */
const SAVED = 0.05

/** Why nobody even looks at who it is. */
export type EntranceRefusal = 'full' | 'address-full' | 'half-open' | 'address-rate' | 'rate'

type Address = { open: number; arrivals: TokenBucket }

/**
 * Decides before TLS whether a connection is worth a handshake, which costs a hundred times as much
 * as hanging up. Half of what there is for newcomers is kept for addresses from which an agent was
 * welcome before, so that a crowd of strangers cannot keep cameras out.
 */
export class Entrance {
  readonly #limits: GateLimits
  readonly #clock: Clock
  readonly #forAll: TokenBucket
  readonly #forKnown: TokenBucket
  readonly #addresses = new Map<string, Address>()
  readonly #known = new Set<string>()
  #open = 0
  #halfOpen = 0
  #strangers = 0

  /** `known` are the addresses of agents that were welcome in an earlier life of the server. */
  constructor(limits: GateLimits, clock: Clock, known: Iterable<string> = []) {
    this.#limits = limits
    this.#clock = clock
    const share = half(limits.arrivals)
    this.#forAll = new TokenBucket(share, clock, share.rate * SAVED)
    this.#forKnown = new TokenBucket(share, clock, share.rate * SAVED)
    for (const address of known) this.#remember(networkOf(address))
  }

  /** Connections that were let in and are not gone. */
  get open(): number {
    return this.#open
  }

  /** Lets a connection from `address` in, or says why not. */
  arrive(address: string): Guest | EntranceRefusal {
    const { connections, perAddress, halfOpen } = this.#limits
    const network = networkOf(address)
    const known = this.#known.has(network)
    const from = this.#from(network)
    if (this.#open >= connections) return 'full'
    if (from.open >= perAddress) return 'address-full'
    if (this.#halfOpen >= halfOpen) return 'half-open'
    if (!known && this.#strangers >= Math.ceil(halfOpen / 2)) return 'half-open'
    if (!from.arrivals.take()) return 'address-rate'
    if (!(known && this.#forKnown.take()) && !this.#forAll.take()) return 'rate'
    from.open++
    this.#open++
    this.#halfOpen++
    if (!known) this.#strangers++
    return new Guest({
      onWelcome: () => {
        this.#halfOpen--
        if (!known) this.#strangers--
        this.#remember(network)
      },
      onLeave: (welcome) => {
        from.open--
        this.#open--
        if (welcome) return
        this.#halfOpen--
        if (!known) this.#strangers--
      },
    })
  }

  #from(network: string): Address {
    const { arrivalsPerAddress } = this.#limits
    const from = this.#addresses.get(network) ?? {
      open: 0,
      arrivals: new TokenBucket(arrivalsPerAddress, this.#clock),
    }
    this.#addresses.delete(network)
    this.#addresses.set(network, from)
    if (this.#addresses.size > MOST_ADDRESSES) this.#forgetOne()
    return from
  }

  /** Forgets the address that has been quiet longest and has nothing open. */
  #forgetOne(): void {
    for (const [network, { open }] of this.#addresses) {
      if (open > 0) continue
      this.#addresses.delete(network)
      return
    }
  }

  #remember(network: string): void {
    this.#known.delete(network)
    this.#known.add(network)
    if (this.#known.size <= MOST_KNOWN) return
    const [longestAgo] = this.#known
    this.#known.delete(longestAgo!)
  }
}

type GuestOptions = { onWelcome: () => void; onLeave: (welcome: boolean) => void }

/** A connection that was let in. */
export class Guest {
  readonly #options: GuestOptions
  #stage: 'stranger' | 'welcome' | 'gone' = 'stranger'

  constructor(options: GuestOptions) {
    this.#options = options
  }

  /** It has said who it is. */
  welcome(): void {
    if (this.#stage !== 'stranger') return
    this.#stage = 'welcome'
    this.#options.onWelcome()
  }

  leave(): void {
    if (this.#stage === 'gone') return
    const welcome = this.#stage === 'welcome'
    this.#stage = 'gone'
    this.#options.onLeave(welcome)
  }
}

/** What counts as one address: IPv4 as it is, IPv6 by the 64 bits that one subscriber gets. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail?.split(':').filter(Boolean) ?? []
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`
}

function half({ rate, burst }: Rate): Rate {
  return { rate: rate / 2, burst: Math.ceil(burst / 2) }
}
