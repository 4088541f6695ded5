import os from 'node:os'
import { Photos } from '@vedette/server/gallery/photos'
import { similarity } from '@vedette/shared/embedding'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { noise } from '../../support/models-resample.ts'
import { sampleFile } from '../../support/models-samples.ts'
import { claiming, jpegOf, landscape, oneFace, plain } from '../../support/server-photos.ts'
import { nicenessOf } from '../../support/server-processes.ts'
import { rejectionOf } from '../../support/thrown.ts'

const photos = new Photos({})

afterAll(() => photos[Symbol.asyncDispose]())

const refusal = (bytes: Uint8Array, face?: number) => rejectionOf(photos.read(bytes, face), Refusal)

const noisy = async () => {
  const { width, height, data } = noise(640, 480)
  return jpegOf(sharp(data, { raw: { width, height, channels: 3 } }))
}

const tiny = async () => {
  const face = await (await oneFace(1)).resize({ height: 140 }).toBuffer()
  return jpegOf(plain(400, 300, 'grey').composite([{ input: face, left: 100, top: 50 }]))
}

describe('a photograph of one person', () => {
  it('becomes a unit vector of the space and a small JPEG of the face', async () => {
    const { template, space, quality, jpeg } = await photos.read(await jpegOf(await oneFace(2)))
    expect(space).toBe('dlib-resnet29-1')
    expect(template).toHaveLength(128)
    expect(similarity(template, template)).toBeCloseTo(1, 6)
    expect(quality).toBeGreaterThan(0.8)
    const { format, width, height } = await sharp(jpeg).metadata()
    expect([format, width! <= 512, height! <= 512]).toEqual(['jpeg', true, true])
  })

  it('is much the same as JPEG, PNG or WebP', async () => {
    const picture = await oneFace(2)
    const files = [
      picture.jpeg({ quality: 95 }),
      picture.clone().png(),
      picture.clone().webp({ quality: 95 }),
    ]
    const [first, ...others] = await Promise.all(
      files.map(async (file) => photos.read(await file.toBuffer())),
    )
    for (const { template } of others) {
      expect(similarity(template, first!.template)).toBeGreaterThan(0.99)
    }
  })

  it('is turned upright by its EXIF, and what is kept has none', async () => {
    const upright = await jpegOf(await oneFace(2))
    const sideways = await sharp(upright).rotate(270).toBuffer()
    expect((await refusal(sideways)).code).toBe('photo.no-face')

    const turned = await sharp(sideways)
      .withExif({ IFD0: { Artist: 'somebody' }, IFD3: { GPSLatitudeRef: 'N' } })
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 90 })
      .toBuffer()
    expect((await sharp(turned).metadata()).exif).toBeDefined()
    const [expected, found] = [await photos.read(upright), await photos.read(turned)]
    expect(similarity(found.template, expected.template)).toBeGreaterThan(0.99)
    const { exif, icc, iptc, xmp, orientation } = await sharp(found.jpeg).metadata()
    expect([exif, icc, iptc, xmp, orientation].every((part) => part === undefined)).toBe(true)
    expect((await photos.read(found.jpeg)).quality).toBeGreaterThan(0.8)
  })
})

describe('a photograph of several people', () => {
  it('is refused with their number and what to do', async () => {
    const error = await refusal(await sampleFile(3))
    expect(error).toMatchObject({
      code: 'photo.several-faces',
      message: expect.stringContaining('3 faces'),
      hint: expect.stringContaining('--face 1 … 3'),
    })
  })

  it('gives the face that was chosen, counted from the left', async () => {
    const group = await sampleFile(3)
    const alone = await Promise.all(
      ([1, 2, 3] as const).map(async (face) => photos.read(await jpegOf(await oneFace(face)))),
    )
    for (const face of [1, 2, 3]) {
      const { template } = await photos.read(group, face)
      const scores = alone.map((one) => similarity(one.template, template))
      expect(scores.indexOf(Math.max(...scores))).toBe(face - 1)
      expect(scores[face - 1]).toBeGreaterThan(0.95)
    }
  })

  it.each([0, 4, -1])('has no face %i', async (face) => {
    const error = await refusal(await sampleFile(3), face)
    expect(error.code).toBe('photo.no-face')
    expect(error.message).toContain(`no face ${face}, only 3`)
  })
})

describe('a photograph that is not fit', () => {
  it.each([
    ['noise', noisy],
    ['a landscape', landscape],
    ['a white sheet', () => jpegOf(plain(300, 300, 'white'))],
    ['a single pixel', () => jpegOf(plain(1, 1))],
  ])('has no face: %s', async (_what, file) => {
    const error = await refusal(await file())
    expect(error.code).toBe('photo.no-face')
    expect(error.hint).toContain('the whole face')
  })

  it.each([
    ['tiny', 'too small', tiny, undefined],
    ['blurred', 'blurred', async () => jpegOf(sharp(await sampleFile(1)).blur(8)), 1],
    ['dark', 'too dark', async () => jpegOf((await oneFace(3)).linear(0.3, 0)), undefined],
  ])('shows a %s face, and is told so in words: %s', async (_what, words, file, face) => {
    const error = await refusal(await file(), face)
    expect(error.code).toBe('photo.poor-face')
    expect(error.message).toContain(words)
    expect(error.hint).toBeDefined()
  })

  it.each([
    ['a text', async () => Buffer.from('this is not a picture\n'), 'photo.wrong-type'],
    [
      'an SVG',
      async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      'photo.wrong-type',
    ],
    ['a GIF', () => plain(40, 40).gif().toBuffer(), 'photo.wrong-type'],
    ['an empty file', async () => Buffer.alloc(0), 'photo.unreadable'],
    ['a truncated JPEG', async () => (await sampleFile(2)).subarray(0, 90_000), 'photo.unreadable'],
    ['a file of more than 8 MB', async () => Buffer.alloc(8 * 2 ** 20 + 1), 'photo.too-large'],
    [
      'more than 25 million pixels by its header',
      async () => claiming(await jpegOf(plain(40, 40)), 5001, 5000),
      'photo.too-many-pixels',
    ],
    [
      'a bomb by its header',
      async () => claiming(await jpegOf(plain(40, 40)), 65_500, 65_500),
      'photo.too-many-pixels',
    ],
  ])('is refused: %s', async (_what, file, code) => {
    const error = await refusal(await file())
    expect(error.code).toBe(code)
    expect(error.hint).toBeDefined()
  })

  it('is taken up to 8 MB to the byte', async () => {
    const padded = Buffer.alloc(8 * 2 ** 20)
    ;(await jpegOf(await oneFace(2))).copy(padded)
    expect((await photos.read(padded)).quality).toBeGreaterThan(0.8)
  })
})

describe('the processes that read photographs', () => {
  it('turns away what is more than 32 at once, and goes on with those', async () => {
    const text = Buffer.from('this is not a picture\n')
    const answers = await Promise.allSettled(Array.from({ length: 40 }, () => photos.read(text)))
    const codes = answers.map((answer) => answer.status === 'rejected' && answer.reason.code)
    expect(codes.slice(0, 32).every((code) => code === 'photo.wrong-type')).toBe(true)
    expect(codes.slice(32).every((code) => code === 'worker.overloaded')).toBe(true)
    expect((await refusal(text)).code).toBe('photo.wrong-type')
  })

  it('ends by itself, though it is just loading its models or at work', async () => {
    const file = await sampleFile(3)
    const [loading, working] = [new Photos({}), new Photos({})]
    const pids = [...loading.pids, ...working.pids]
    const reading = [1, 2, 3].map((face) => working.read(file, face))
    const outcomes = Promise.allSettled(reading)
    await loading[Symbol.asyncDispose]()
    await reading[0]
    await working[Symbol.asyncDispose]()
    const [, second, third] = await outcomes
    expect([second, third]).toMatchObject([
      { status: 'fulfilled' },
      { reason: { code: 'worker.died' } },
    ])
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  it('is replaced when it dies: what it had is rejected, the next is read behind cameras', async () => {
    await using mortal = new Photos({})
    const reading = rejectionOf(mortal.read(await sampleFile(3), 2), Unavailable)
    const before = mortal.pids
    for (const pid of before) process.kill(pid, 'SIGKILL')
    expect(await reading).toMatchObject({ code: 'worker.died', retryable: true })
    expect((await mortal.read(await jpegOf(await oneFace(2)))).quality).toBeGreaterThan(0.8)
    expect(mortal.pids.some((pid) => before.includes(pid))).toBe(false)
    const behind = new Set([Math.min(19, os.getPriority() + 10)])
    expect(mortal.pids.map((pid) => new Set(nicenessOf(pid)))).toEqual([behind])
  })
})
