import { DAMAGES, damaged, EVERY_DAMAGE } from '@vedette/server/evaluate/damage'
import { describe, expect, it } from 'vitest'
import { portraitOf } from '../../support/agent-faces.ts'
import { picture } from '../../support/agent-pictures.ts'

const EYES = 50
const ramp = picture(120, 90, (x, y) => 40 + x + y)

const mean = (values: Uint8Array) => values.reduce((sum, value) => sum + value, 0) / values.length
const spread = (values: Uint8Array) => {
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length)
}
/** Mean difference of neighbours in a row: what blur takes away. */
const detail = ({ width, data }: { width: number; data: Uint8Array }) => {
  let sum = 0
  for (let i = 3; i < data.length; i++)
    if (i % (width * 3) >= 3) sum += Math.abs(data[i]! - data[i - 3]!)
  return sum / data.length
}

describe('damaged', () => {
  it.each(EVERY_DAMAGE)('gives a whole picture: $kind $level', async (damage) => {
    const { width, height, data } = await damaged(ramp, EYES, damage)
    expect(data).toHaveLength(width * height * 3)
    expect(Math.min(width, height)).toBeGreaterThan(0)
  })

  it('brings the eyes together, and never apart', async () => {
    for (const level of DAMAGES.size) {
      const { width, height } = await damaged(ramp, EYES, { kind: 'size', level })
      expect([width, height]).toEqual([
        Math.round((120 * level) / 50),
        Math.round((90 * level) / 50),
      ])
    }
    const { width } = await damaged(ramp, 20, { kind: 'size', level: 40 })
    expect(width).toBe(120)
  })

  it('blurs more and more', async () => {
    const face = await portraitOf('woman', 100)
    const details = [detail(face)]
    for (const level of DAMAGES.blur) {
      details.push(detail(await damaged(face, EYES, { kind: 'blur', level })))
    }
    expect(details).toEqual(details.toSorted((p, q) => q - p))
  })

  it('adds as much noise as it says, around what was there', async () => {
    const grey = picture(200, 200, () => 128)
    for (const level of DAMAGES.noise) {
      const { data } = await damaged(grey, EYES, { kind: 'noise', level })
      expect(Math.abs(mean(data) - 128)).toBeLessThan(1)
      expect(Math.abs(spread(data) / level - 1)).toBeLessThan(0.05)
    }
  })

  it('loses more and more of a moving picture in H.264, and leaves it where it was', async () => {
    const face = await portraitOf('woman', 101)
    const losses: number[] = []
    for (const level of DAMAGES.h264) {
      const { data } = await damaged(face, EYES, { kind: 'h264', level })
      losses.push(mean(data.map((value, i) => Math.abs(value - face.data[i]!))))
    }
    expect(losses).toEqual(losses.toSorted((p, q) => p - q))
    expect(losses[0]).toBeLessThan(6)
  })

  it('takes light away', async () => {
    for (const level of DAMAGES.darkness) {
      const { data } = await damaged(ramp, EYES, { kind: 'darkness', level })
      expect(mean(data) / mean(ramp.data)).toBeCloseTo(level / 100, 1)
    }
  })

  it('tilts without cutting anything off', async () => {
    const { width, height } = await damaged(ramp, EYES, { kind: 'roll', level: 45 })
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(Math.floor((120 + 90) / Math.SQRT2) - 1)
  })
})
