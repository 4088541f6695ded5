import { Acks } from '@vedette/server/gate/acks'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'

const start = 1_763_650_000_000

let clock: ManualClock
let acks: Acks
let sent: { seq: number; at: number }[]

beforeEach(() => {
  clock = new ManualClock(start)
  sent = []
  acks = new Acks(clock, (seq) => sent.push({ seq, at: clock.now() - start }))
})

/** Requests by when they came and how long they took, milliseconds; gives when each was acknowledged. */
function acknowledged(requests: { came: number; took: number }[]): (number | undefined)[] {
  for (const [seq, { came, took }] of requests.entries()) {
    clock.after(came + took, () => acks.done(seq, start + came))
  }
  clock.advance(1000)
  return requests.map((_, seq) => sent.find((ack) => ack.seq === seq)?.at)
}

describe('an acknowledgement', () => {
  it.each([
    [0, 40],
    [1, 40],
    [39, 40],
    [40, 40],
    [41, 80],
    [80, 80],
    [81, 120],
    [400, 400],
    [401, 440],
  ])('of a request that took %i ms leaves %i ms after it came', (took, expected) => {
    expect(acknowledged([{ came: 7, took }])).toEqual([7 + expected])
  })

  it('leaves on its own beat, whatever is done with before and after it', () => {
    const requests = [
      { came: 0, took: 100 },
      { came: 95, took: 1 },
      { came: 96, took: 90 },
      { came: 97, took: 2 },
      { came: 120, took: 39 },
    ]
    expect(acknowledged(requests)).toEqual([120, 135, 216, 137, 160])
  })

  it('leaves once, in the order of the beats, for a thousand requests', () => {
    const requests = Array.from({ length: 1000 }, (_, i) => ({
      came: i % 97,
      took: (i * 31) % 211,
    }))
    const times = acknowledged(requests)
    for (const [i, { came, took }] of requests.entries()) {
      expect(times[i]).toBe(came + 40 * Math.max(1, Math.ceil(took / 40)))
    }
    expect(sent).toHaveLength(1000)
    expect(clock.pending).toEqual([])
  })

  it('leaves no more once it is over, though work goes on', () => {
    acks.done(1, start)
    acks.stop()
    acks.done(2, start)
    clock.advance(1000)
    expect(sent).toEqual([])
    expect(clock.pending).toEqual([])
  })
})
