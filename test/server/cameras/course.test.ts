import { Course } from '@vedette/server/cameras/course'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'

const NORTH = { agent: 'gate-7', camera: 'north' }
const SOUTH = { agent: 'gate-7', camera: 'south' }
const RATES = { given: 25, skipped: 20, looked: 3 }
const QUIET = { latencyMs: null, missed: 0, questions: 0, given: null, skipped: null, looked: null }

describe('the course of a camera', () => {
  it('is told by the minute, the longest test face of each, and nothing of what was not heard', async () => {
    const clock = new ManualClock()
    const course = new Course(clock)
    const start = Math.floor(clock.now() / 60_000) * 60_000
    course.passed(NORTH, 400)
    course.passed(NORTH, 300)
    course.missed(NORTH)
    course.asked(NORTH)
    course.asked(NORTH)
    await clock.advance(120_000)
    course.told(
      'gate-7',
      { cameras: [{ camera: 'north', ...RATES }], waiting: 4, dropped: 1 },
      () => true,
    )
    expect(course.of(NORTH)).toEqual([
      { ...QUIET, at: start, latencyMs: 400, missed: 1, questions: 2 },
      { ...QUIET, at: start + 120_000, ...RATES },
    ])
    expect(course.of(SOUTH)).toEqual([])
    expect(course.agent('gate-7')).toEqual({ waiting: 4, dropped: 1, at: clock.now() })
  })

  it('is of known cameras alone, and two hours long', async () => {
    const clock = new ManualClock()
    const course = new Course(clock)
    const told = { cameras: [{ camera: 'made-up', ...RATES }], waiting: 0, dropped: 0 }
    course.told('gate-7', told, () => false)
    expect(course.of({ agent: 'gate-7', camera: 'made-up' })).toEqual([])
    for (let minute = 0; minute < 150; minute++) {
      course.asked(NORTH)
      await clock.advance(60_000)
    }
    expect(course.of(NORTH).length).toBeLessThanOrEqual(120)
    await clock.advance(3 * 3_600_000)
    expect(course.of(NORTH)).toEqual([])
  })
})
