import { MotionGate } from '@vedette/agent/lookout/motion'
import type { Picture } from '@vedette/models/picture'
import { describe, expect, it } from 'vitest'
import { picture } from '../../support/agent-pictures.ts'
import { seeded } from '../../support/agent-random.ts'

const OPTIONS = { threshold: 10, area: 0.004 }
const [WIDTH, HEIGHT] = [640, 360]

/** Something bright in the scene: its left top corner and its side, pixels. */
type Thing = { x: number; y: number; side: number }

/** A room with light from one side, noise of a cheap sensor, and a thing in it. */
function room(
  random: () => number,
  { thing, light = 0, noise = 12 }: { thing?: Thing; light?: number; noise?: number } = {},
): Picture {
  return picture(WIDTH, HEIGHT, (x, y) => {
    const within = (at: number, from: number) => at >= from && at < from + (thing?.side ?? 0)
    const bright = thing !== undefined && within(x, thing.x) && within(y, thing.y)
    return (bright ? 190 : 60 + (x / WIDTH) * 60) + light + (random() - 0.5) * 2 * noise
  })
}

describe('MotionGate', () => {
  it('looks at the first picture', () => {
    expect(new MotionGate(OPTIONS).moved(room(seeded(1)))).toBe(true)
  })

  it('finds a still scene still, noise and all', () => {
    const gate = new MotionGate(OPTIONS)
    const random = seeded(2)
    gate.moved(room(random))
    for (let i = 0; i < 12; i++) expect(gate.moved(room(random))).toBe(false)
  })

  it.each([32, 48, 96])('sees something of %i pixels cross the scene at every step', (side) => {
    const gate = new MotionGate(OPTIONS)
    const random = seeded(3)
    gate.moved(room(random))
    for (let x = 0; x < 400; x += 40) {
      expect(gate.moved(room(random, { thing: { x, y: 150, side } }))).toBe(true)
    }
  })

  it('sees something come, and something leave', () => {
    const gate = new MotionGate(OPTIONS)
    const random = seeded(4)
    const thing = { x: 300, y: 100, side: 64 }
    gate.moved(room(random))
    expect(gate.moved(room(random, { thing }))).toBe(true)
    for (let i = 0; i < 40; i++) gate.moved(room(random, { thing }))
    expect(gate.moved(room(random))).toBe(true)
  })

  it('gets used to what stays', () => {
    const gate = new MotionGate(OPTIONS)
    const random = seeded(5)
    const thing = { x: 300, y: 100, side: 64 }
    gate.moved(room(random))
    for (let i = 0; i < 40; i++) gate.moved(room(random, { thing }))
    expect(gate.moved(room(random, { thing }))).toBe(false)
  })

  it.each([40, -40])('does not take a change of light by %i for motion', (light) => {
    const gate = new MotionGate(OPTIONS)
    const random = seeded(6)
    gate.moved(room(random))
    for (let i = 0; i < 5; i++) expect(gate.moved(room(random, { light }))).toBe(false)
    for (let i = 0; i < 5; i++) expect(gate.moved(room(random))).toBe(false)
  })

  it('sees what moves while the light changes', () => {
    const gate = new MotionGate(OPTIONS)
    const random = seeded(7)
    gate.moved(room(random))
    const thing = { x: 300, y: 100, side: 64 }
    expect(gate.moved(room(random, { light: 40, thing }))).toBe(true)
  })

  it('passes over what is smaller than the share, and sees what is larger', () => {
    const thing = { x: 320, y: 160, side: 64 } // 16 of 880 cells
    for (const [area, seen] of [
      [0.02, false],
      [0.017, true],
    ] as const) {
      const gate = new MotionGate({ threshold: 10, area })
      gate.moved(room(seeded(8)))
      expect(gate.moved(room(seeded(9), { thing }))).toBe(seen)
    }
  })

  it('passes over what changes less than the threshold', () => {
    const changed = picture(WIDTH, HEIGHT, (x) => (x < 100 ? 120 : 100))
    for (const [threshold, seen] of [
      [19, true],
      [21, false],
    ] as const) {
      const gate = new MotionGate({ threshold, area: 0.004 })
      gate.moved(picture(WIDTH, HEIGHT, () => 100))
      expect(gate.moved(changed)).toBe(seen)
    }
  })

  it('takes a picture of another size for motion, once', () => {
    const gate = new MotionGate(OPTIONS)
    const sizes = [
      [640, 360],
      [640, 480],
      [320, 240],
      [480, 160], // as many cells as before
    ] as const
    for (const [width, height] of sizes) {
      expect(gate.moved(picture(width, height))).toBe(true)
      expect(gate.moved(picture(width, height))).toBe(false)
    }
  })

  it.each([
    [1, 1],
    [3, 200],
    [17, 5],
  ])('judges pictures of %i × %i pixels', (width, height) => {
    const gate = new MotionGate(OPTIONS)
    gate.moved(picture(width, height))
    expect(gate.moved(picture(width, height))).toBe(false)
  })

  it('does not change the picture', () => {
    const seen = room(seeded(10))
    const copy = Buffer.from(seen.data)
    new MotionGate(OPTIONS).moved(seen)
    expect(copy.equals(seen.data)).toBe(true)
  })
})

describe('MotionGate.where', () => {
  const gate = new MotionGate(OPTIONS)
  const plain = () => room(seeded(8), { noise: 0 })

  it('is everything in the first picture, and nothing where nothing moves', () => {
    gate.moved(plain())
    expect(gate.where).toEqual([{ x: 0, y: 0, width: WIDTH, height: HEIGHT }])
    gate.moved(plain())
    expect(gate.where).toEqual([])
  })

  it('holds all that changed, if it is too little to count as motion', () => {
    const thing = { x: 320, y: 96, side: 16 }
    expect(gate.moved(room(seeded(8), { noise: 0, thing }))).toBe(false)
    expect(gate.where).toEqual([{ x: 320, y: 96, width: 16, height: 16 }])
  })

  it('holds where somebody was and is, and no trail of him', () => {
    const walking = new MotionGate(OPTIONS)
    walking.moved(plain())
    for (const x of [64, 96, 128]) {
      walking.moved(room(seeded(8), { noise: 0, thing: { x, y: 96, side: 64 } }))
    }
    const columns = new Set(walking.where.map(({ x }) => x))
    expect([...columns].toSorted((p, q) => p - q)).toEqual([96, 112, 160, 176])
  })
})
