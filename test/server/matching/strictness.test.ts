import { Strictness } from '@vedette/server/matching/strictness'
import { Refusal } from '@vedette/shared/errors'
import { beforeEach, expect, it } from 'vitest'
import { DECADE, MatchingBench, probeLike, THRESHOLD } from '../../support/server-matching.ts'
import { HAND } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

let bench: MatchingBench
let id: string

beforeEach(async () => {
  bench = await MatchingBench.open()
  id = await bench.enrol(1)
  return () => bench[Symbol.asyncDispose]()
})

it('asks for more of one entry, by a power of ten for each, and of no other', async () => {
  await bench.enrol(2)
  await bench.strictness.set(id, 10, HAND, 1)
  for (const seed of [1, 2]) {
    await bench.matching.consider(probeLike(seed, 0.955, { track: `${seed}-a` }))
  }
  expect((await bench.found()).map(({ entryId }) => entryId)).not.toContain(id)
  expect(await bench.found()).toHaveLength(1)
  await bench.matching.consider(probeLike(1, 0.961, { track: '1-b' }))
  expect((await bench.found())[0]).toMatchObject({
    entryId: id,
    threshold: expect.closeTo(THRESHOLD + DECADE, 6),
  })
})

it('is remembered, and taken back', async () => {
  await bench.strictness.set(id, 100, HAND, 1)
  const again = await Strictness.open(bench.stored.store.entries)
  expect(again.of(id)).toBe(100)
  expect(await again.set(id, 1, HAND, 1)).toMatchObject({ id, strictness: 1 })
  expect((await Strictness.open(bench.stored.store.entries)).of(id)).toBe(1)
})

it.each([0.5, 0, -1, Number.NaN, 1e9])(
  'refuses a factor of %d, and keeps the old',
  async (factor) => {
    await bench.strictness.set(id, 10, HAND, 1)
    expect((await rejectionOf(bench.strictness.set(id, factor, HAND, 1), Refusal)).code).toBe(
      'entry.invalid',
    )
    expect(bench.strictness.of(id)).toBe(10)
  },
)

it('refuses an entry that is none', async () => {
  const error = await rejectionOf(bench.strictness.set('none', 10, HAND, 1), Refusal)
  expect(error.code).toBe('entry.not-found')
})
