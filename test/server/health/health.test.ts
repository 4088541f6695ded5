import { entryHealth } from '@vedette/server/health/health'
import { beforeEach, expect, it } from 'vitest'
import { MatchingBench, probeLike, vectorLike } from '../../support/server-matching.ts'
import { HAND, newEntry, newPhoto } from '../../support/server-store.ts'

let bench: MatchingBench

beforeEach(async () => {
  bench = await MatchingBench.open()
  return () => bench[Symbol.asyncDispose]()
})

const health = () =>
  entryHealth({
    store: bench.stored.store,
    gallery: bench.gallery,
    levels: () => ({ stranger: 0.912, threshold: 0.95 }),
  })

it('counts by camera what became of alerts, the worst entry first', async () => {
  await bench.enrol(1)
  const bad = await bench.enrol(2)
  const ask = (seed: number, camera: string, scores: number[]) =>
    scores.reduce(async (before, score, shot) => {
      await before
      const probe = probeLike(seed, score, { camera, track: `${camera}-${seed}`, shot })
      await bench.matching.consider(probe)
    }, Promise.resolve())
  await ask(1, 'north', [0.98, 0.98, 0.98])
  await ask(2, 'north', [0.955, 0.8, 0.8])
  await ask(2, 'south', [0.96])
  await ask(2, 'east', [0.955, 0.8, 0.8])
  const [east] = (await bench.found()).filter(({ camera }) => camera === 'east')
  await bench.decisions.resolve(east!.id, 'true', HAND, 'it is her, seen from behind')
  const [south] = (await bench.found()).filter(({ camera }) => camera === 'south')
  await bench.decisions.resolve(south!.id, 'false', HAND, 'not her')
  await bench.stored.store.nearMisses.add([
    {
      entryId: bad,
      agent: 'gate-7',
      camera: 'west',
      walks: 3,
      highest: 0.948,
      templateId: 'x',
      lastAt: 1,
    },
  ])
  const [worst, other] = await health()
  expect(worst).toMatchObject({
    ...{ entryId: bad, confirmed: 1, withdrawn: 1 },
    ...{ judgedTrue: 1, judgedFalse: 1 },
  })
  expect(worst!.blame).toEqual([2])
  expect(worst!.advice.map(({ kind }) => kind)).toEqual(['tighten', 're-photograph'])
  expect(worst!.cameras).toMatchObject([
    { camera: 'east', confirmed: 1, withdrawn: 0, judgedTrue: 1 },
    { camera: 'north', withdrawn: 1, judgedFalse: 0, nearMisses: 0 },
    { camera: 'south', withdrawn: 0, judgedFalse: 1 },
    { camera: 'west', nearMisses: 3, highest: 0.948 },
  ])
  expect(other).toMatchObject({ confirmed: 1, advice: [] })
  expect(other!.cameras).toMatchObject([{ camera: 'north', confirmed: 1, provisional: 0 }])
})

it('finds the photograph that is of somebody else, and who looks the same', async () => {
  const { template } = newPhoto(1)
  const like = (score: number, seed: number) => ({
    ...newPhoto(seed),
    template: vectorLike(template, score, seed),
  })
  const photos = [newPhoto(1), like(0.97, 2), newPhoto(50), like(0.97, 3)]
  const added = await bench.stored.store.entries.add(newEntry('Anna'), photos)
  await bench.gallery.add(added.templates)
  const twin = await bench.enrol(4, vectorLike(template, 0.96, 9))
  const found = await health()
  const anna = found.find(({ entryId }) => entryId === added.entry.id)!
  expect(anna.lookAlike).toMatchObject({ entryId: twin, name: 'person 4' })
  expect(anna.agreement.map((score) => score! > 0.9)).toEqual([true, true, false, true])
  expect(anna.advice).toMatchObject([
    { kind: 'remove-photo', command: expect.stringMatching(/ 3$/) },
    { kind: 'duplicate' },
  ])
})
