import { SceneClock } from '@vedette/server/evaluate/video/scene-clock'
import { describe, expect, it } from 'vitest'

describe('SceneClock', () => {
  it('stands still until it is told, and never goes back', () => {
    const clock = new SceneClock(1000)
    expect(clock.now()).toBe(1000)
    clock.advance(2500)
    clock.advance(2000)
    expect(clock.now()).toBe(2500)
  })

  it('lets what falls due on the way happen in its turn, at its time', () => {
    const clock = new SceneClock(0)
    const happened: [string, number][] = []
    const note = (name: string) => () => happened.push([name, clock.now()])
    clock.after(300, note('late'))
    clock.after(100, () => {
      note('early')()
      clock.after(50, note('after early'))
    })
    clock.after(200, note('cancelled')).cancel()
    clock.after(900, note('not yet'))
    clock.advance(500)
    expect(happened).toEqual([
      ['early', 100],
      ['after early', 150],
      ['late', 300],
    ])
    expect(clock.now()).toBe(500)
  })
})
