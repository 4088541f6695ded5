import { Rejections } from '@vedette/server/matching/rejections'
import { Refusal } from '@vedette/shared/errors'
import { beforeEach, describe, expect, it } from 'vitest'
import { MatchingBench, probeLike, vectorLike } from '../../support/server-matching.ts'
import { HAND, SPACE } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

let bench: MatchingBench
let wanted: string

beforeEach(async () => {
  bench = await MatchingBench.open()
  wanted = await bench.enrol(1)
  return () => bench[Symbol.asyncDispose]()
})

/** A stranger 0.96 from the template; each picture of him is 0.98 from the others. */
const stranger = probeLike(1, 0.96).probe
const day = 86_400_000
let walks = 0

/** A walk of somebody; gives how many alerts there are. */
async function passes(probe: typeof stranger): Promise<number> {
  const capturedAt = 1_763_650_000_000 + ++walks * day
  await bench.matching.consider({
    ...probeLike(1, 1, { track: `walk ${walks}`, capturedAt }),
    probe,
  })
  return (await bench.found()).length
}

describe('"not him"', () => {
  it('keeps the same mistake from being made again, and the wanted person is still found', async () => {
    expect(await passes(stranger)).toBe(1)
    const [alert] = await bench.found()
    await bench.decisions.resolve(alert!.id, 'false', HAND, 'his brother')
    expect(await bench.found()).toMatchObject([{ state: 'resolved', outcome: 'false' }])
    expect(await passes(stranger)).toBe(1)
    expect(await passes(vectorLike(stranger, 0.98, 5))).toBe(1)
    expect(await passes(probeLike(1, 0.96, {}, 77).probe)).toBe(2)
  })

  it('of one entry says nothing of another', async () => {
    await passes(stranger)
    const other = await bench.enrol(2, vectorLike(stranger, 0.97, 9))
    await bench.decisions.resolve((await bench.found())[0]!.id, 'false', HAND, 'not him')
    await passes(stranger)
    expect((await bench.found())[0]).toMatchObject({ entryId: other })
  })

  it('is undone, and the alert is open again', async () => {
    await passes(stranger)
    await bench.decisions.resolve((await bench.found())[0]!.id, 'false', HAND, 'not him')
    const [rejection] = await bench.rejections.list(wanted)
    expect(rejection).toMatchObject({ entryId: wanted, by: 'anna', space: SPACE })
    await bench.decisions.reopen(await bench.rejections.alertOf(rejection!.id), HAND, null)
    expect([await bench.rejections.list(), (await bench.found())[0]!.state]).toEqual([[], 'open'])
    expect(await passes(stranger)).toBe(2)
    expect(bench.told.map(({ kind }) => kind)).toEqual(['raised', 'resolved', 'reopened', 'raised'])
  })

  it('is remembered when the server starts again, and for its own embedding space', async () => {
    await passes(stranger)
    await bench.decisions.resolve((await bench.found())[0]!.id, 'false', HAND, 'not him')
    const again = await Rejections.open(bench.stored.store.rejections)
    expect(again.cover(SPACE, wanted, stranger, 0.96)).toBe(true)
    expect(again.cover('another space', wanted, stranger, 0.96)).toBe(false)
  })

  it('is on the disk sealed, and goes with its entry', async () => {
    await passes(stranger)
    await bench.decisions.resolve((await bench.found())[0]!.id, 'false', HAND, 'not him')
    const plain = Buffer.from(stranger.buffer)
    const files = [...(await bench.stored.files()).values()]
    expect(files.some((file) => file.includes(plain.subarray(0, 16)))).toBe(false)
    await bench.stored.erase(wanted)
    expect(bench.stored.rows('rejections')).toBe(0)
  })

  it.each([
    [
      'an alert that is none',
      () => bench.decisions.resolve('none', 'false', HAND, 'not him'),
      'alert.not-found',
    ],
    ['a rejection that is none', () => bench.rejections.alertOf('none'), 'rejection.not-found'],
  ])('of %s is refused', async (_what, attempt, code) => {
    const error = await rejectionOf(attempt(), Refusal)
    expect([error.code, error.hint]).toEqual([code, expect.any(String)])
  })

  it('twice is refused, and kept once', async () => {
    await passes(stranger)
    const { id } = (await bench.found())[0]!
    await bench.decisions.resolve(id, 'false', HAND, 'not him')
    const error = await rejectionOf(
      bench.decisions.resolve(id, 'false', { ...HAND, by: 'bert' }, 'nor me'),
      Refusal,
    )
    expect(error.code).toBe('alert.wrong-state')
    expect(await bench.rejections.list()).toHaveLength(1)
  })
})
