import { type LiveLine, Sending } from '@vedette/agent/live/sending'
import { Pieces } from '@vedette/server/gate/pieces'
import type { FromAgent } from '@vedette/shared/message'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'

const QUESTION = 9000
const ABOUT = { capturedAt: 1, width: 640, height: 360, faces: [] }

/** A link that takes so many bytes a millisecond, each way `way` ms long, and what is at its ends. */
function link(rate: number, way: number) {
  const clock = new ManualClock()
  const start = clock.now()
  const due: { at: number; run: () => void }[] = []
  const pieces = new Pieces()
  const seen: { camera: string; picture: Uint8Array; at: number }[] = []
  const state = { pressed: false, backlog: 0 }
  let free = start
  let [dropped, slowest] = [0, 0]
  /** When what is sent now has gone through. */
  const through = (bytes: number) => {
    free = Math.max(free, clock.now()) + bytes / rate
    return free + way
  }
  const line: LiveLine = {
    post(message: FromAgent) {
      if (message.type !== 'view' && message.type !== 'more') return true
      const run = () => {
        const whole = message.type === 'view' ? pieces.begin(message) : pieces.add(message)
        if (whole) seen.push({ ...whole, at: clock.now() - start })
        due.push({ at: clock.now() + way, run: () => sending.taken(message.n) })
      }
      due.push({ at: through(message.picture.length), run })
      return true
    },
    get backlog() {
      return state.backlog
    },
  }
  const sending: Sending = new Sending({
    ...{ line, clock, pressed: () => state.pressed, onTaken: () => {} },
    figures: { sent: () => {}, dropped: () => dropped++ },
  })
  return {
    sending,
    seen,
    state,
    clock,
    get dropped() {
      return dropped
    },
    /** How long the slowest question had to wait for what was on the link before it, milliseconds. */
    get slowest() {
      return slowest
    },
    ask() {
      slowest = Math.max(slowest, free - clock.now())
      through(QUESTION)
    },
    run(ms: number, each = (_ms: number) => {}) {
      for (let i = 0; i < ms; i++) {
        clock.advance(1)
        each(i)
        for (const one of due.filter(({ at }) => at <= clock.now())) {
          due.splice(due.indexOf(one), 1)
          one.run()
        }
      }
    },
  }
}

describe('live pictures over a link', () => {
  it.each([
    ['2 Mbit/s', { rate: 250, way: 5, most: 25, pictures: 30 }],
    ['2 Mbit/s by satellite', { rate: 250, way: 300, most: 20, pictures: 9 }],
    ['10 Mbit/s', { rate: 1250, way: 5, most: 30, pictures: 400 }],
    ['100 Mbit/s', { rate: 12_500, way: 1, most: 5, pictures: 400 }],
  ])('of %s never keep a question waiting for long, and still come', (_what, expected) => {
    const { rate, way, most, pictures } = expected
    const net = link(rate, way)
    const jpeg = Buffer.from({ length: 40_000 } as ArrayLike<number>)
    for (let i = 0; i < jpeg.length; i++) jpeg[i] = i % 251
    net.run(20_000, (ms) => {
      if (ms % 100 === 0) net.ask()
      const camera = `c${Math.floor(ms / 47) % 4}`
      if (ms % 47 === 0 && net.sending.room(camera)) net.sending.send({ camera, ...ABOUT }, jpeg)
    })
    expect(net.slowest).toBeLessThan(most)
    expect(net.seen.length).toBeGreaterThan(pictures)
    expect(net.seen.every(({ picture }) => jpeg.equals(picture))).toBe(true)
  })

  it('wait while anything else does, and are given up when they are old by then', () => {
    const net = link(1250, 5)
    net.sending.send({ camera: 'a', ...ABOUT }, Buffer.alloc(20_000))
    expect(net.sending.room('a')).toBe(false)
    net.state.backlog = 1
    net.run(3000)
    // What had begun is not whole, and goes on when it can; what had not is old.
    net.sending.send({ camera: 'b', ...ABOUT }, Buffer.alloc(20_000))
    net.run(1010)
    net.state.backlog = 0
    net.state.pressed = true
    net.run(50)
    expect([net.seen.length, net.dropped]).toEqual([0, 0])
    net.state.pressed = false
    net.run(100)
    expect(net.seen.map(({ camera }) => camera)).toEqual(['a'])
    expect(net.dropped).toBe(1)
  })

  it('stop with the connection, and leave no timer', () => {
    const net = link(1250, 5)
    net.state.backlog = 1
    net.sending.send({ camera: 'a', ...ABOUT }, Buffer.alloc(20_000))
    expect(net.clock.pending).toHaveLength(1)
    net.sending.stop()
    expect(net.clock.pending).toEqual([])
    net.state.backlog = 0
    net.run(100)
    expect(net.seen).toEqual([])
  })
})
