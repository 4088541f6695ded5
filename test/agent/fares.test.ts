import { FaresBook } from '@vedette/agent/fares'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../support/agent-clock.ts'

const NOTHING = { frames: 0, skipped: 0, still: 0, detections: 0, tracks: 0, questions: 0 }

describe('how an agent fares', () => {
  it('is told as rates of each camera, every fifteen seconds until nobody wants it', async () => {
    const clock = new ManualClock()
    const counts: Record<string, typeof NOTHING> = { north: NOTHING }
    const book = new FaresBook({ clock, counts: () => counts, outbox: { size: 7, dropped: 2 } })
    const told: ReturnType<typeof Object>[] = []
    const stop = book.tellEach((fares) => told.push(fares))
    counts.north = { ...NOTHING, frames: 75, skipped: 300, still: 30 }
    await clock.advance(15_000)
    expect(told).toEqual([
      { cameras: [{ camera: 'north', given: 25, skipped: 20, looked: 3 }], waiting: 7, dropped: 2 },
    ])
    delete counts.north
    await clock.advance(15_000)
    expect(told.at(-1)).toMatchObject({ cameras: [] })
    stop()
    await clock.advance(60_000)
    expect(told).toHaveLength(2)
  })
})
