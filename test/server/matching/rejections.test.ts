import { Rejections } from '@vedette/server/matching/rejections'
import { Refusal } from '@vedette/shared/errors'
import { beforeEach, describe, expect, it } from 'vitest'
import { MatchingBench, probeLike, vectorLike } from '../../support/server-matching.ts'
import { SPACE } from '../../support/server-store.ts'
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
    await bench.rejections.reject(alert!.id, 'anna', 'his brother')
    expect(await bench.found()).toMatchObject([{ state: 'rejected', note: 'his brother' }])
    expect(bench.rejected).toMatchObject([{ id: alert!.id }])
    expect(await passes(stranger)).toBe(1)
    expect(await passes(vectorLike(stranger, 0.98, 5))).toBe(1)
    expect(await passes(probeLike(1, 0.96, {}, 77).probe)).toBe(2)
  })

  it('of one entry says nothing of another', async () => {
    await passes(stranger)
    const other = await bench.enrol(2, vectorLike(stranger, 0.97, 9))
    await bench.rejections.reject((await bench.found())[0]!.id, 'anna', null)
    await passes(stranger)
    expect((await bench.found())[0]).toMatchObject({ entryId: other })
  })

  it('is undone, and the alert is open again', async () => {
    await passes(stranger)
    await bench.rejections.reject((await bench.found())[0]!.id, 'anna', null)
    const [rejection] = await bench.rejections.list(wanted)
    expect(rejection).toMatchObject({ entryId: wanted, by: 'anna', space: SPACE })
    await bench.rejections.undo(rejection!.id, 'bert')
    expect([await bench.rejections.list(), (await bench.found())[0]!.state]).toEqual([[], 'open'])
    expect(await passes(stranger)).toBe(2)
    expect(bench.told.map(({ kind }) => kind)).toEqual(['raised', 'rejected', 'restored', 'raised'])
  })

  it('is remembered when the server starts again, and for its own embedding space', async () => {
    await passes(stranger)
    await bench.rejections.reject((await bench.found())[0]!.id, 'anna', null)
    const open = (space: string) =>
      Rejections.open(space, {
        store: bench.stored.store.rejections,
        alerts: bench.alerts,
        clock: bench.clock,
        onRejected: () => {},
      })
    expect((await open(SPACE)).cover(wanted, stranger, 0.96)).toBe(true)
    expect((await open('another space')).cover(wanted, stranger, 0.96)).toBe(false)
  })

  it('is on the disk sealed, and goes with its entry', async () => {
    await passes(stranger)
    await bench.rejections.reject((await bench.found())[0]!.id, 'anna', null)
    const plain = Buffer.from(stranger.buffer)
    const files = [...(await bench.stored.files()).values()]
    expect(files.some((file) => file.includes(plain.subarray(0, 16)))).toBe(false)
    await bench.stored.store.entries.remove(wanted)
    expect(bench.stored.rows('rejections')).toBe(0)
  })

  it.each([
    [
      'an alert that is none',
      () => bench.rejections.reject('none', 'anna', null),
      'alert.not-found',
    ],
    [
      'a rejection that is none',
      () => bench.rejections.undo('none', 'anna'),
      'rejection.not-found',
    ],
  ])('of %s is refused', async (_what, attempt, code) => {
    const error = await rejectionOf(attempt(), Refusal)
    expect([error.code, error.hint]).toEqual([code, expect.any(String)])
  })

  it('twice is refused, and kept once', async () => {
    await passes(stranger)
    const { id } = (await bench.found())[0]!
    await bench.rejections.reject(id, 'anna', null)
    const error = await rejectionOf(bench.rejections.reject(id, 'bert', null), Refusal)
    expect(error.code).toBe('alert.wrong-state')
    expect(await bench.rejections.list()).toHaveLength(1)
  })
})
