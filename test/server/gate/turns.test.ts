import { Turns } from '@vedette/server/gate/turns'
import { beforeEach, describe, expect, it } from 'vitest'

let begun: string[]
let finish: (() => void)[]

beforeEach(() => {
  begun = []
  finish = []
})

/** Work that says when it begins, and lasts until the test ends it. */
const work = (what: string) => () => {
  begun.push(what)
  return new Promise<void>((resolve) => finish.push(resolve))
}

async function finishOne(): Promise<void> {
  finish.shift()?.()
  await new Promise(setImmediate)
}

describe('taking turns', () => {
  it('works on so much at a time, and on one of each who waits', async () => {
    const turns = new Turns(2)
    const [greedy, modest, other] = [{}, {}, {}]
    for (let i = 0; i < 5; i++) void turns.take(greedy, work(`greedy ${i}`))
    void turns.take(modest, work('modest'))
    for (let i = 0; i < 2; i++) void turns.take(other, work(`other ${i}`))
    expect([begun, turns.depth]).toEqual([['greedy 0', 'greedy 1'], 6])
    for (let i = 0; i < 6; i++) await finishOne()
    expect(begun.slice(2)).toEqual([
      ...['greedy 2', 'modest', 'other 0', 'greedy 3', 'other 1', 'greedy 4'],
    ])
    expect(turns.depth).toBe(0)
  })

  it('lets a newcomer wait for one of each, however much the others have asked', async () => {
    const turns = new Turns(1)
    const greedy = {}
    for (let i = 0; i < 1000; i++) void turns.take(greedy, work(`greedy ${i}`))
    void turns.take({}, work('modest'))
    await finishOne()
    await finishOne()
    expect(begun).toEqual(['greedy 0', 'greedy 1', 'modest'])
  })

  it('forgets what waits for somebody who has left, and says so', async () => {
    const turns = new Turns(1)
    const [gone, here] = [{}, {}]
    const [first, second] = [turns.take(gone, work('gone 0')), turns.take(gone, work('gone 1'))]
    const third = turns.take(here, work('here'))
    turns.leave(gone)
    expect([await second, turns.depth]).toEqual([false, 1])
    await finishOne()
    expect(await first).toBe(true)
    await finishOne()
    expect(await third).toBe(true)
    expect(begun).toEqual(['gone 0', 'here'])
  })

  it('goes on when something fails, and tells whose it was', async () => {
    const turns = new Turns(1)
    const failed = turns.take({}, () => Promise.reject(new RangeError('no')))
    const next = turns.take({}, async () => {})
    await expect(failed).rejects.toThrow('no')
    expect(await next).toBe(true)
  })
})
