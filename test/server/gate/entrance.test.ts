import { Entrance, Guest, networkOf } from '@vedette/server/gate/entrance'
import { type GateLimits, gateLimits } from '@vedette/server/gate/limits'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'

let clock: ManualClock

beforeEach(() => {
  clock = new ManualClock()
})

const defaults = gateLimits.parse({})

function entranceOf(more: Partial<GateLimits> = {}, known: string[] = []): Entrance {
  const entrance = new Entrance({ ...defaults, ...more }, clock, known)
  clock.advance(2000) // long enough to save a burst up
  return entrance
}

/** What became of one connection from each address in turn. */
function arrivals(entrance: Entrance, addresses: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const address of addresses) {
    const guest = entrance.arrive(address)
    const outcome = typeof guest === 'string' ? guest : 'in'
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return counts
}

const strangers = (count: number) =>
  Array.from({ length: count }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)

function admitted(guest: Guest | string): Guest {
  if (guest instanceof Guest) return guest
  throw new TypeError(`refused: ${guest}`)
}

describe('one address', () => {
  it('may connect twenty times at once and ten times a second from then on', () => {
    const entrance = entranceOf({ perAddress: 1000 })
    const many = Array<string>(50).fill('10.0.0.1')
    expect(arrivals(entrance, many)).toEqual({ in: 20, 'address-rate': 30 })
    clock.advance(1000)
    expect(arrivals(entrance, many)).toEqual({ in: 10, 'address-rate': 40 })
  })

  it('holds 32 connections, and one more when one is gone', () => {
    const entrance = entranceOf({ arrivalsPerAddress: { rate: 1000, burst: 1000 } })
    const guests = Array.from({ length: 32 }, () => admitted(entrance.arrive('10.0.0.1')))
    expect(entrance.arrive('10.0.0.1')).toBe('address-full')
    admitted(entrance.arrive('10.0.0.2'))
    guests[0]!.leave()
    admitted(entrance.arrive('10.0.0.1'))
    expect(entrance.arrive('10.0.0.1')).toBe('address-full')
  })

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('is a subscriber: %s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

describe('a crowd of strangers', () => {
  it('gets half of the arrivals, and cameras that were here before get through', () => {
    const entrance = entranceOf({ halfOpen: 100_000, connections: 100_000 }, ['192.0.2.1'])
    expect(arrivals(entrance, strangers(500))).toEqual({ in: 100, rate: 400 })
    expect(arrivals(entrance, Array<string>(20).fill('192.0.2.1'))).toEqual({ in: 20 })
    clock.advance(1000)
    expect(arrivals(entrance, strangers(500))).toEqual({ in: 50, rate: 450 })
    expect(arrivals(entrance, ['192.0.2.1'])).toEqual({ in: 1 })
  })

  it('fills half of the places for those who have not said who they are', () => {
    const rate = { rate: 1e6, burst: 1e6 }
    const entrance = entranceOf({ arrivals: rate }, ['192.0.2.1'])
    expect(arrivals(entrance, strangers(300))).toEqual({ in: 128, 'half-open': 172 })
    const cameras = Array<string>(20).fill('192.0.2.1')
    expect(arrivals(entrance, cameras)).toEqual({ in: 20 })
  })

  it('is not remembered for having come', () => {
    const rate = { rate: 1e6, burst: 1e6 }
    const entrance = entranceOf({ arrivals: rate, halfOpen: 4 })
    const [first] = strangers(1)
    for (let i = 0; i < 10; i++) admitted(entrance.arrive(first!)).leave()
    admitted(entrance.arrive('10.9.9.1'))
    admitted(entrance.arrive('10.9.9.2'))
    expect(entrance.arrive(first!)).toBe('half-open')
  })

  it('does not make it forget who has connections open', () => {
    const rate = { rate: 1e6, burst: 1e6 }
    const entrance = entranceOf({ arrivals: rate, connections: 1e6, perAddress: 1 })
    admitted(entrance.arrive('192.0.2.1')).welcome()
    for (const address of strangers(10_000)) {
      const guest = entrance.arrive(address)
      if (guest instanceof Guest) guest.leave()
    }
    expect(entrance.arrive('192.0.2.1')).toBe('address-full')
  })
})

describe('a gate that has just opened', () => {
  it('lets in what comes back in a second, and no burst on top of it', () => {
    const known = strangers(500)
    const limits = { halfOpen: 100_000, connections: 100_000 }
    const entrance = new Entrance({ ...defaults, ...limits }, clock, known)
    expect(arrivals(entrance, known)).toEqual({ in: 4, rate: 496 })
    clock.advance(1000)
    expect(arrivals(entrance, known).in).toBe(100)
    clock.advance(2000)
    expect(arrivals(entrance, known).in).toBe(200)
  })
})

describe('whoever was welcome', () => {
  it('has a reserved place from then on, and makes room for a newcomer', () => {
    const rate = { rate: 1e6, burst: 1e6 }
    const entrance = entranceOf({ arrivals: rate, halfOpen: 2 })
    const camera = admitted(entrance.arrive('192.0.2.1'))
    expect(entrance.arrive('10.0.0.1')).toBe('half-open')
    camera.welcome()
    admitted(entrance.arrive('10.0.0.1'))
    expect(entrance.arrive('10.0.0.2')).toBe('half-open')
    admitted(entrance.arrive('192.0.2.1'))
  })
})

describe('the count of connections', () => {
  it('stops at the limit', () => {
    const entrance = entranceOf({ connections: 3 })
    expect(arrivals(entrance, strangers(5))).toEqual({ in: 3, full: 2 })
    expect(entrance.open).toBe(3)
  })

  it('is right after any comings, welcomes and goings, told once or twice', () => {
    const step = fc.record({
      do: fc.constantFrom('arrive', 'welcome', 'leave'),
      which: fc.nat(20),
      address: fc.nat(5),
      ms: fc.nat(400),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const entrance = entranceOf({ connections: 12, perAddress: 4, halfOpen: 8 })
        const here: { guest: Guest; welcome: boolean; address: string }[] = []
        for (const { do: act, which, address: number, ms } of steps) {
          clock.advance(ms)
          const one = here[which]
          if (act === 'welcome' && one) {
            one.guest.welcome()
            one.welcome = true
          } else if (act === 'leave' && one) {
            one.guest.leave()
            one.guest.leave()
            here.splice(which, 1)
          } else if (act === 'arrive') {
            const address = `10.0.0.${number}`
            const guest = entrance.arrive(address)
            if (guest instanceof Guest) here.push({ guest, welcome: false, address })
          }
          expect(entrance.open).toBe(here.length)
          expect(here.length).toBeLessThanOrEqual(12)
          expect(here.filter(({ welcome }) => !welcome).length).toBeLessThanOrEqual(8)
          for (let n = 0; n <= 5; n++) {
            const from = here.filter(({ address }) => address === `10.0.0.${n}`)
            expect(from.length).toBeLessThanOrEqual(4)
          }
        }
      }),
    )
  })
})
