import { Galleries } from '@vedette/server/gallery/galleries'
import { Gallery } from '@vedette/server/gallery/gallery'
import { Photos } from '@vedette/server/gallery/photos'
import { Comparison, outcomeOf } from '@vedette/server/spaces/comparison'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { CALIBRATION, install, permuted } from '../../support/models-installed.ts'
import { LogBook } from '../../support/server-log.ts'
import { jpegOf, oneFace } from '../../support/server-photos.ts'
import { sightingOf } from '../../support/server-sightings.ts'
import { HAND, TemporaryStore } from '../../support/server-store.ts'

const [OLD, NEW] = ['dlib-resnet29-1', 'permuted']

let folder: TemporaryFolder
let photos: Photos
let chips: Buffer[]
let stored: TemporaryStore
let galleries: Galleries
let clock: ManualClock
let comparison: Comparison

beforeAll(async () => {
  folder = await TemporaryFolder.make()
  await install(folder.path, await permuted(NEW))
  photos = new Photos({ folder: folder.path })
  const files = await Promise.all(([1, 2, 3] as const).map(async (n) => jpegOf(await oneFace(n))))
  const kept = await Promise.all(files.map((file) => photos.read(file)))
  chips = kept.map(({ jpeg }) => Buffer.from(jpeg))
})

afterAll(async () => {
  await photos[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

beforeEach(async () => {
  stored = await TemporaryStore.make()
  const { spaces } = stored.store
  await spaces.open(OLD, 1)
  await spaces.begin(NEW, 2, HAND)
  const open = async (space: string) => ({
    gallery: await Gallery.open(space, { length: 128, threads: 1 }, []),
    calibration: CALIBRATION,
  })
  galleries = new Galleries(await open(OLD))
  galleries.add(await open(NEW))
  clock = new ManualClock(1_763_650_000_000)
  const { log } = new LogBook()
  comparison = new Comparison({ spaces, galleries, photos, bar: () => 0.95, clock, log })
  await comparison.refresh()
  return async () => {
    await comparison.settled()
    await galleries[Symbol.asyncDispose]()
    await stored[Symbol.asyncDispose]()
  }
})

/** The person of chip `n`, enrolled in `spaces`. */
async function enrol(n: number, ...spaces: string[]): Promise<void> {
  const templates = await Promise.all(
    spaces.map(async (space) => ({
      id: `${space}-${n}`,
      entryId: `entry-${n}`,
      list: 'wanted',
      space,
      vector: (await photos.again(chips[n]!, space)).template,
    })),
  )
  await galleries.enrol(templates)
}

async function ask(n: number, chip = chips[n]!): Promise<void> {
  const probe = await photos.probe(chips[n]!, OLD)
  comparison.offer(sightingOf('', { probe: { space: OLD, probe, chip } }).probe)
  await comparison.settled()
}

const counted = async () => (await stored.store.spaces.all()).find(({ id }) => id === NEW)!.compared

describe('a candidate, on what cameras ask', () => {
  it('is counted by what comes of each question in both spaces', async () => {
    await enrol(0, OLD, NEW)
    await enrol(1, OLD)
    await enrol(2, NEW)
    for (const n of [0, 0, 1, 2]) await ask(n)
    await ask(0, Buffer.from('no picture'))
    expect(await counted()).toEqual({
      same: 2,
      onlyOld: 1,
      onlyNew: 1,
      different: 0,
      neither: 0,
      unseen: 1,
    })
    expect(stored.rows('alerts')).toBe(0)
  })

  it('is tried on so many questions in a minute, and no more', async () => {
    for (let i = 0; i < 65; i++) await ask(0)
    expect((await counted()).neither).toBe(60)
    clock.advance(60_000)
    await ask(0)
    expect((await counted()).neither).toBe(61)
  })

  it('is tried on questions of the active space only, and only while it is a candidate', async () => {
    const probe = await photos.probe(chips[0]!, NEW)
    comparison.offer(sightingOf('', { probe: { space: NEW, probe, chip: chips[0]! } }).probe)
    await comparison.settled()
    await stored.store.spaces.activate(NEW, 3, HAND)
    await comparison.refresh()
    await ask(0)
    expect(Object.values(await counted()).every((count) => count === 0)).toBe(true)
  })
})

describe('what comes of a question in two spaces', () => {
  it.each([
    ['a', 'a', 'same'],
    ['a', 'b', 'different'],
    ['a', undefined, 'onlyOld'],
    [undefined, 'b', 'onlyNew'],
    [undefined, undefined, 'neither'],
  ] as const)('%s and %s is %s', (old, found, outcome) => {
    expect(outcomeOf(old, found)).toBe(outcome)
  })
})
