import { Flow } from '@vedette/agent/live/flow'
import { describe, expect, it } from 'vitest'

describe('live pictures on their way', () => {
  it('are one of each camera, and four in all, until the server has taken them', () => {
    const flow = new Flow()
    const cameras = ['a', 'b', 'c', 'd', 'e']
    const sent = cameras.filter((camera) => flow.room(camera, 0) && flow.sent(camera, 0) >= 0)
    expect(sent).toEqual(['a', 'b', 'c', 'd'])
    expect(flow.room('a', 10)).toBe(false)
    flow.taken(0, 20)
    expect([flow.room('a', 20), flow.room('e', 20), flow.room('b', 20)]).toEqual([
      true,
      true,
      false,
    ])
  })

  it('use half of a slow link, one picture at a time', () => {
    const flow = new Flow()
    flow.taken(flow.sent('a', 0), 800)
    expect(flow.room('a', 1599)).toBe(false)
    expect(flow.room('a', 1600)).toBe(true)
    flow.sent('a', 1600)
    expect(flow.room('b', 1600)).toBe(false)
  })

  it('are no fewer where only the way is long', () => {
    const flow = new Flow()
    expect(flow.taken(flow.sent('a', 0), 700, 600)).toEqual({ camera: 'a', slow: false })
    expect([flow.slow, flow.room('a', 700)]).toEqual([false, true])
    flow.dropped(flow.sent('a', 700))
    expect(flow.room('a', 700)).toBe(true)
  })

  it('are as many as before once the link is quick again', () => {
    const flow = new Flow()
    flow.taken(flow.sent('a', 0), 800)
    for (let at = 1600; at < 2000; at += 100) flow.taken(flow.sent('a', at), at + 20)
    for (const camera of ['a', 'b', 'c', 'd']) {
      expect(flow.room(camera, 2000)).toBe(true)
      flow.sent(camera, 2000)
    }
  })

  it('are given up when nobody answers, and answers that are not ours change nothing', () => {
    const flow = new Flow()
    for (const camera of ['a', 'b', 'c', 'd']) flow.sent(camera, 0)
    flow.taken(77, 1)
    expect(flow.room('a', 10_000)).toBe(false)
    expect(flow.room('a', 10_001)).toBe(true)
  })
})
