import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Alerts } from '@vedette/server/alerts/alerts'
import { Decisions } from '@vedette/server/alerts/decisions'
import { parseServerConfig } from '@vedette/server/config'
import { Enrolment } from '@vedette/server/gallery/enrolment'
import type { Galleries } from '@vedette/server/gallery/galleries'
import { Photos } from '@vedette/server/gallery/photos'
import { Rejections } from '@vedette/server/matching/rejections'
import { SpaceChange } from '@vedette/server/spaces/change'
import { SpaceOpener } from '@vedette/server/spaces/space-opener'
import { NOTHING_SAID } from '@vedette/server/store/entry-rows'
import { systemClock } from '@vedette/shared/clock'
import { similarity } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { install, permuted } from '../../support/models-installed.ts'
import { ORDINARY } from '../../support/server-enrolment.ts'
import { LogBook } from '../../support/server-log.ts'
import { jpegOf, landscape, oneFace } from '../../support/server-photos.ts'
import {
  HAND,
  newAlert,
  newEntry,
  newPhoto,
  seenOf,
  TemporaryStore,
  TRAIL,
} from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'
import { until } from '../../support/until.ts'

const OLD = 'dlib-resnet29-1'
const NEW = 'permuted'

let home: TemporaryFolder
let photos: Photos
let config: ReturnType<typeof parseServerConfig>
let faces: Buffer[]
let stored: TemporaryStore
let running: Running

beforeAll(async () => {
  home = await TemporaryFolder.make()
  config = parseServerConfig('search: { threads: 1 }', join(home.path, 'server.yaml'))
  await install(config.models.folder, await permuted(NEW))
  await install(config.models.folder, await permuted('unmeasured', {}))
  photos = new Photos(config.models)
  faces = await Promise.all(([1, 2, 3] as const).map(async (n) => jpegOf(await oneFace(n))))
})

afterAll(async () => {
  await photos[Symbol.asyncDispose]()
  await home[Symbol.asyncDispose]()
})

beforeEach(async () => {
  stored = await TemporaryStore.make()
  running = await Running.start()
  return async () => {
    await running[Symbol.asyncDispose]()
    await stored[Symbol.asyncDispose]()
  }
})

/** What a server has of it, between a start and a stop. */
class Running {
  readonly galleries: Galleries
  readonly change: SpaceChange
  readonly enrolment: Enrolment
  readonly rejections: Rejections
  readonly decisions: Decisions
  readonly book: LogBook
  changes = 0

  static async start(): Promise<Running> {
    const { spaces } = stored.store
    const book = new LogBook()
    const opener = new SpaceOpener(config, stored.store, systemClock)
    const records = await spaces.open(OLD, 1)
    const { alerts: store, rejections: examples } = stored.store
    const [clock, { log }] = [systemClock, book]
    const alerts = new Alerts({ store, cooldown: 1000, trail: 1000, clock, log })
    const rejections = await Rejections.open(examples)
    const decisions = new Decisions({ store: stored.store.decisions, alerts, rejections, clock })
    const galleries = await opener.openAll(records, log)
    return new Running(galleries, opener, rejections, decisions, book, records)
  }

  private constructor(
    galleries: Galleries,
    opener: SpaceOpener,
    rejections: Rejections,
    decisions: Decisions,
    book: LogBook,
    records: { id: string; role: string }[],
  ) {
    const { entries, spaces } = stored.store
    const [clock, { log }] = [systemClock, book]
    this.galleries = galleries
    this.rejections = rejections
    this.decisions = decisions
    this.book = book
    const kept = records.filter(({ role }) => role === 'kept').map(({ id }) => id)
    const onChange = async () => void this.changes++
    const about = { spaces, entries, galleries, photos, opener, rejections, kept }
    this.change = new SpaceChange({ ...about, clock, log, onChange })
    const onEnrolled = () => this.change.wake()
    const judging = { thresholds: () => ORDINARY, strictness: { take: () => {} } }
    const parts = { entries, photos, galleries, onEnrolled, clock, log }
    this.enrolment = new Enrolment({ ...parts, ...judging })
  }

  async enrol(name: string, ...files: Buffer[]): Promise<string> {
    const given = files.map((bytes) => ({ file: 'photo.jpg', bytes, face: undefined }))
    const about = { ...NOTHING_SAID, name, list: 'wanted', hand: HAND }
    const request = { ...about, photos: given, anyway: true }
    return (await this.enrolment.enrol(request)).entry!.id
  }

  async statusOf(space: string) {
    const found = (await this.change.status()).find(({ id }) => id === space)
    if (found === undefined) throw new TypeError(`no space ${space}`)
    return found
  }

  /** Resolves when all photographs were tried in `space`. */
  async done(space: string): Promise<void> {
    await until(async () => {
      const { photos: all, done } = await this.statusOf(space)
      return done === all && this.change.speaks(space)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.change[Symbol.asyncDispose]()
    await this.galleries[Symbol.asyncDispose]()
  }
}

const codeOf = async (promise: Promise<unknown>) => (await rejectionOf(promise, Refusal)).code

/** Who is best for a probe made of a photograph, in `space`. */
async function whoIs(photo: Buffer, space: string) {
  const { jpeg } = await photos.read(photo)
  const probe = await photos.probe(jpeg, space)
  return (await running.galleries.of(space)!.search(probe))[0]
}

describe('another embedding space', () => {
  it('is filled from the enrolled photographs beside the active one, then switched to, and back', async () => {
    const ids = [await running.enrol('one', faces[0]!), await running.enrol('two', faces[1]!)]
    await running.change.use(NEW, HAND)
    expect(running.galleries.active.space).toBe(OLD)
    await running.done(NEW)
    expect(await running.statusOf(NEW)).toMatchObject({
      role: 'candidate',
      photos: 2,
      done: 2,
      failed: [],
      missing: [],
      entries: 2,
      templates: 2,
      fault: null,
    })
    for (const [i, id] of ids.entries()) {
      const best = await whoIs(faces[i]!, NEW)
      expect(best).toMatchObject({ entryId: id })
      expect(best!.score).toBeGreaterThan(0.97)
    }
    await running.change.switchTo(NEW, HAND, { anyway: false })
    expect(running.galleries.active.space).toBe(NEW)
    expect((await running.statusOf(OLD)).role).toBe('kept')
    expect([running.change.speaks(OLD), running.change.speaks(NEW)]).toEqual([true, true])
    await running.change.switchTo(OLD, HAND, { anyway: false })
    expect(running.galleries.active.space).toBe(OLD)
    expect((await running.statusOf(NEW)).role).toBe('kept')
    expect(running.changes).toBe(3)
  })

  it('gets those who are enrolled meanwhile, and loses those who are removed, in both', async () => {
    await running.enrol('one', faces[0]!)
    await running.change.use(NEW, HAND)
    await running.done(NEW)
    const two = await running.enrol('two', faces[1]!, faces[2]!)
    expect(stored.rows('templates')).toBe(6)
    for (const space of [OLD, NEW]) {
      expect(running.galleries.of(space)).toMatchObject({ entries: 2, templates: 3 })
    }
    await stored.erase(two)
    await running.enrolment.retire(two)
    for (const space of [OLD, NEW]) {
      expect(running.galleries.of(space)).toMatchObject({ entries: 1, templates: 1 })
    }
    expect(stored.rows('templates')).toBe(2)
  })

  it('goes on where it was after a restart', async () => {
    await running.enrol('one', faces[0]!)
    const two = await running.enrol('two', faces[1]!, faces[2]!)
    await stored.store.spaces.begin(NEW, 2, HAND)
    const { entryId, photoIds } = (await stored.store.spaces.pending(NEW))!
    const first = { photoId: photoIds[0]!, vector: newPhoto(1).template, far: undefined }
    await stored.store.spaces.embedded(NEW, entryId, [first])
    await running[Symbol.asyncDispose]()
    running = await Running.start()
    await running.done(NEW)
    expect(await running.statusOf(NEW)).toMatchObject({ done: 3, entries: 2, templates: 3 })
    expect(await whoIs(faces[2]!, NEW)).toMatchObject({ entryId: two })
    await running.change.switchTo(NEW, HAND, { anyway: false })
    await running[Symbol.asyncDispose]()
    running = await Running.start()
    expect(running.galleries.active.space).toBe(NEW)
    expect(running.change.speaks(OLD)).toBe(true)
  })

  it('says which photographs cannot be embedded, and is not switched to where somebody would be lost', async () => {
    await running.enrol('one', faces[0]!)
    const { entry } = await stored.store.entries.add(newEntry('grass'), [
      newPhoto(1, { jpeg: await landscape(), space: OLD }),
    ])
    await running.change.use(NEW, HAND)
    await running.done(NEW)
    expect(await running.statusOf(NEW)).toMatchObject({
      done: 2,
      failed: [{ entryId: entry.id, photo: 1, code: 'photo.no-face' }],
      missing: [entry.id],
      entries: 1,
    })
    const error = await rejectionOf(running.change.switchTo(NEW, HAND, { anyway: false }), Refusal)
    expect(error).toMatchObject({
      code: 'model.incomplete',
      message: expect.stringContaining(entry.id),
    })
    expect(running.galleries.active.space).toBe(OLD)
    await running.change.switchTo(NEW, HAND, { anyway: true })
    expect(running.galleries.active.space).toBe(NEW)
  })

  it('is not spoken, and not switched to, before it is whole', async () => {
    await running.enrol('one', faces[0]!)
    expect(await codeOf(running.change.switchTo(NEW, HAND, { anyway: true }))).toBe(
      'model.incomplete',
    )
    await running.change.use(NEW, HAND)
    expect(running.change.speaks(NEW)).toBe(false)
    expect(await codeOf(running.change.switchTo(NEW, HAND, { anyway: true }))).toBe(
      'model.incomplete',
    )
    await running.done(NEW)
  })

  it('is only one that is there, calibrated, and whole on the disk', async () => {
    expect(await codeOf(running.change.use('arcface', HAND))).toBe('model.not-found')
    expect(await codeOf(running.change.use('tiny-face-detector', HAND))).toBe('model.not-found')
    expect(await rejectionOf(running.change.use('unmeasured', HAND), Refusal)).toMatchObject({
      code: 'model.uncalibrated',
      hint: expect.stringContaining('vedette models calibrate unmeasured'),
    })
    await using place = await TemporaryFolder.make()
    await install(place.path, await permuted(NEW))
    const file = join(place.path, `${NEW}.onnx`)
    await writeFile(file, (await readFile(file)).fill(1, 5000, 5001))
    await using other = new Photos({ ...config.models, folder: place.path })
    await expect(other.open(NEW)).rejects.toMatchObject({ code: 'model.changed' })
    expect(running.galleries.all).toHaveLength(1)
  })

  it('is begun once, however often it is asked for', async () => {
    const asked = ['anna', 'bert'].map((by) => running.change.use(NEW, { ...HAND, by }))
    await Promise.all(asked)
    expect(running.galleries.all.map(({ space }) => space)).toEqual([OLD, NEW])
    expect(running.book.lines.filter(({ event }) => event === 'space.begun')).toHaveLength(1)
  })

  it('that was kept, but whose model is gone, is passed over with a word', async () => {
    await stored.store.spaces.begin('gone', 1, HAND)
    await running[Symbol.asyncDispose]()
    running = await Running.start()
    expect(running.galleries.all).toHaveLength(1)
    expect(running.book.lines).toContainEqual(
      expect.objectContaining({ event: 'space.unavailable', code: 'model.not-found' }),
    )
  })
})

describe('a face that was rejected', () => {
  it('is told apart in the other space, too, also after a restart, until that is undone', async () => {
    const wanted = await running.enrol('one', faces[0]!)
    const { jpeg } = await photos.read(faces[1]!)
    const probe = await photos.probe(jpeg, OLD)
    const alert = newAlert(wanted, { space: OLD })
    await stored.store.alerts.raise(seenOf(alert, { probe, chip: Buffer.from(jpeg) }), TRAIL)
    await running.decisions.resolve(alert.id, 'false', HAND, 'a stranger')
    await running.change.use(NEW, HAND)
    await running.done(NEW)
    const there = await photos.probe(jpeg, NEW)
    await until(() => running.rejections.cover(NEW, wanted, there, 0.99))
    expect(running.rejections.cover(NEW, wanted, await photos.probe(faces[2]!, NEW), 0.99)).toBe(
      false,
    )
    await running[Symbol.asyncDispose]()
    running = await Running.start()
    expect(running.rejections.cover(NEW, wanted, there, 0.99)).toBe(true)
    await running.decisions.reopen(alert.id, HAND, null)
    expect(running.rejections.cover(NEW, wanted, there, 0.99)).toBe(false)
    expect(stored.rows('rejectionExamples')).toBe(0)
  })
})

describe('a photograph as it is kept', () => {
  it('gives nearly the template that the original gave', async () => {
    for (const file of faces) {
      const { template, far, jpeg } = await photos.read(file)
      const again = await photos.again(jpeg, OLD)
      expect(similarity(template, again.template)).toBeGreaterThan(0.985)
      expect(similarity(far!, again.far!)).toBeGreaterThan(0.97)
    }
  })
})
