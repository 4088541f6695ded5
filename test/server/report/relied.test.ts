import { reliedOf, watchedOf } from '@vedette/server/report/watched'
import { expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { TemporaryStore } from '../../support/server-store.ts'

const WHYS = ['well', 'slow', 'away', 'blind', 'no-canary']
const HOUR = 3_600_000
const NORTH = { agent: 'gate-7', camera: 'north' }

it('what the database adds up is what is told of the periods one by one', async () => {
  await using stored = await TemporaryStore.make()
  const { periods: store } = stored.store.past
  const random = seeded(36)
  const start = 1_763_650_000_000
  for (const camera of ['north', 'south']) {
    const begun = []
    for (let i = 0, at = start; i < 60; i++) {
      // Now and then nobody was there to see.
      const begin = at + (random() < 0.2 ? Math.floor(random() * HOUR) : 0)
      const end = begin + 1 + Math.floor(random() * 5 * HOUR)
      const why = WHYS[Math.floor(random() * WHYS.length)]!
      begun.push({ agent: 'gate-7', camera, why, kept: false, begin, end })
      at = end
    }
    await store.change([], begun)
  }
  for (const [from, to] of [
    [start - HOUR, start + 500 * HOUR],
    [start + 7.3 * HOUR, start + 31 * HOUR],
    [start + 900 * HOUR, start + 901 * HOUR],
  ] as const) {
    const periods = (await store.between(from, to)).filter(({ camera }) => camera === 'north')
    const sums = (await store.sums(from, to)).filter(({ camera }) => camera === 'north')
    const [told] = watchedOf({ from, to, periods, cameras: [] })
    const nothing = { ...NORTH, known: 0, well: 0, blind: {}, canary: null }
    expect({ ...NORTH, ...reliedOf(sums, from, to), canary: null }).toEqual(told ?? nothing)
  }
})
