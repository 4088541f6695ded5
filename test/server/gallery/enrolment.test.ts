import { Enrolment, type EnrolRequest } from '@vedette/server/gallery/enrolment'
import { Galleries } from '@vedette/server/gallery/galleries'
import { Gallery } from '@vedette/server/gallery/gallery'
import { Photos } from '@vedette/server/gallery/photos'
import { NOTHING_SAID } from '@vedette/server/store/entry-rows'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { CALIBRATION } from '../../support/models-installed.ts'
import { ANNA, ORDINARY } from '../../support/server-enrolment.ts'
import { LogBook } from '../../support/server-log.ts'
import { jpegOf, landscape, oneFace } from '../../support/server-photos.ts'
import { TemporaryStore } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const photos = new Photos({})
const clock = new ManualClock()
let good: Buffer
let other: Buffer
let stored: TemporaryStore
let gallery: Gallery
let galleries: Galleries
let told = 0
const onEnrolled = () => told++
let book: LogBook
let enrolment: Enrolment

beforeAll(async () => {
  good = await jpegOf(await oneFace(2))
  other = await jpegOf(await oneFace(3))
})

beforeEach(async () => {
  stored = await TemporaryStore.make()
  gallery = await Gallery.open('dlib-resnet29-1', { length: 128, threads: 1 }, [])
  book = new LogBook()
  const { entries } = stored.store
  galleries = new Galleries({ gallery, calibration: CALIBRATION })
  const judging = { thresholds: () => ORDINARY, strictness: { take: () => {} } }
  const parts = { entries, photos, galleries, onEnrolled, clock, log: book.log }
  enrolment = new Enrolment({ ...parts, ...judging })
  return async () => {
    await gallery[Symbol.asyncDispose]()
    await stored[Symbol.asyncDispose]()
  }
})

afterAll(() => photos[Symbol.asyncDispose]())

function request(more: Partial<EnrolRequest> = {}): EnrolRequest {
  const photo = { file: 'front.jpg', bytes: good, face: undefined }
  return {
    ...NOTHING_SAID,
    name: 'Erin Example',
    note: 'tall',
    list: 'wanted',
    hand: ANNA,
    photos: [photo],
    ...more,
  }
}

const files = (...all: Buffer[]) =>
  all.map((bytes, i) => ({ file: `photo-${i + 1}.jpg`, bytes, face: undefined }))

/** Rows of everything that enrolling writes. */
const rows = () => ['entries', 'photos', 'templates'].map((table) => stored.rows(table))

describe('enrolling', () => {
  it('puts a person into the store and the gallery, to be matched at once', async () => {
    const { entry } = await enrolment.enrol(request({ photos: files(good, good) }))
    expect(entry).toMatchObject({
      name: 'Erin Example',
      note: 'tall',
      list: 'wanted',
      photos: 2,
      createdAt: clock.now(),
      createdBy: 'anna',
    })
    expect(await stored.store.entries.get(entry!.id)).toEqual(entry)
    expect(rows()).toEqual([1, 2, 2])
    const { template } = await photos.read(good)
    expect(await gallery.search(template)).toMatchObject([{ entryId: entry!.id }])
    expect(gallery.templates).toBe(2)
  })

  it('keeps the picture of the face alone, without what else the file said', async () => {
    const said = await sharp(good)
      .withExif({ IFD0: { Artist: 'a-witness-who-must-not-be-named' } })
      .toBuffer()
    const { entry } = await enrolment.enrol(request({ photos: files(said) }))
    const kept = await stored.store.entries.photo(entry!.id, 0)
    expect(kept.includes('a-witness')).toBe(false)
    const { width, exif } = await sharp(kept).metadata()
    expect([width! <= 512, exif]).toEqual([true, undefined])
  })

  it('opens to the same templates when the server starts again', async () => {
    await enrolment.enrol(request({ photos: files(good, good) }))
    const { template } = await photos.read(good)
    const [before] = await gallery.search(template)
    await stored.close()
    const templates = await (await stored.open()).entries.templates(gallery.space)
    await using again = await Gallery.open(gallery.space, { length: 128, threads: 1 }, templates)
    expect(await again.search(template)).toEqual([before])
  })

  it('says who was enrolled by whom, and neither name nor note', async () => {
    const { entry } = await enrolment.enrol(request())
    expect(book.of('entry.enrolled')).toMatchObject([
      { entry: entry!.id, list: 'wanted', by: 'anna', photos: 1 },
    ])
    expect(JSON.stringify(book.lines)).not.toMatch(/Erin|tall/)
  })

  it('takes a name without the blanks around it, of 200 characters at most', async () => {
    const longest = 'x'.repeat(200)
    expect((await enrolment.enrol(request({ name: ' Łukasz Ω ' }))).entry!.name).toBe('Łukasz Ω')
    expect((await enrolment.enrol(request({ name: longest, anyway: true }))).entry!.name).toBe(
      longest,
    )
  })
})

describe('enrolling refuses, and stores nothing:', () => {
  it.each<[string, Partial<EnrolRequest>, string]>([
    ['no name', { name: '' }, 'entry.invalid'],
    ['a blank name', { name: ' \t ' }, 'entry.invalid'],
    ['a name of 201 characters', { name: 'x'.repeat(201) }, 'entry.invalid'],
    ['an unknown list', { list: 'missing' }, 'list.not-found'],
    ['no photograph', { photos: [] }, 'photo.none'],
  ])('%s', async (_what, more, code) => {
    expect((await rejectionOf(enrolment.enrol(request(more)), Refusal)).code).toBe(code)
    expect(rows()).toEqual([0, 0, 0])
    expect([gallery.entries, gallery.templates]).toEqual([0, 0])
  })

  it('eleven photographs', async () => {
    const many = request({ photos: files(...new Array<Buffer>(11).fill(good)) })
    expect((await rejectionOf(enrolment.enrol(many), Refusal)).code).toBe('photo.too-many')
    expect(rows()).toEqual([0, 0, 0])
  })

  it('several photographs of which one is bad, which it names', async () => {
    const photosOf = files(good, await landscape(), other)
    const error = await rejectionOf(enrolment.enrol(request({ photos: photosOf })), Refusal)
    expect(error.code).toBe('photo.no-face')
    expect(error.message).toMatch(/^photo-2\.jpg: /)
    expect(error.hint).toBeDefined()
    expect(rows()).toEqual([0, 0, 0])
    expect(gallery.templates).toBe(0)
  })

  it('a photograph under which the process died', async () => {
    await using mortal = new Photos({})
    const { entries } = stored.store
    const judging = { thresholds: () => ORDINARY, strictness: { take: () => {} } }
    const parts = {
      entries,
      photos: mortal,
      galleries,
      onEnrolled,
      clock,
      log: book.log,
      ...judging,
    }
    const other = new Enrolment(parts)
    const enrolling = rejectionOf(other.enrol(request()), Unavailable)
    for (const pid of mortal.pids) process.kill(pid, 'SIGKILL')
    expect((await enrolling).code).toBe('worker.died')
    expect(rows()).toEqual([0, 0, 0])
  })
})

describe('retiring', () => {
  it('takes a person out of the gallery', async () => {
    const { entry } = await enrolment.enrol(request())
    await enrolment.retire(entry!.id)
    expect([gallery.entries, gallery.templates]).toEqual([0, 0])
  })
})
