import { corpus, SENTINEL } from '@vedette/scripts/bench/pictures/corpus'
import { Photos } from '@vedette/server/gallery/photos'
import { Refusal } from '@vedette/shared/errors'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { jpegOf, oneFace } from '../../support/server-photos.ts'
import { rejectionOf } from '../../support/thrown.ts'

const photos = new Photos({})
const pictures = await corpus(await jpegOf(await oneFace(3)))
const [pid] = photos.pids

afterAll(() => photos[Symbol.asyncDispose]())

describe('hostile pictures', () => {
  it('are of more than forty kinds', () => {
    expect(new Set(pictures.map(({ name }) => name)).size).toBeGreaterThanOrEqual(40)
  })

  it.each(pictures.filter(({ expected }) => expected.startsWith('photo.')))(
    'come to nothing: $name is $expected',
    async ({ bytes, expected }) => {
      const error = await rejectionOf(photos.read(bytes), Refusal)
      expect(error.code).toBe(expected)
      expect(error.hint).toBeDefined()
      expect(error.message).not.toContain(SENTINEL)
    },
  )

  it.each(pictures.filter(({ expected }) => expected === 'accepted'))(
    'that are photographs all the same keep the face alone: $name',
    async ({ bytes }) => {
      const { jpeg, quality } = await photos.read(bytes)
      expect(quality).toBeGreaterThan(0.5)
      expect(Buffer.from(jpeg).includes(SENTINEL)).toBe(false)
      const { format, width, height, exif, icc, iptc, xmp, comments, pages } =
        await sharp(jpeg).metadata()
      expect([format, width! <= 512, height! <= 512]).toEqual(['jpeg', true, true])
      expect([exif, icc, iptc, xmp, comments, pages].every((part) => part === undefined)).toBe(true)
    },
  )

  it('leave alive whoever read them', () => {
    expect(photos.pids[0]).toBe(pid)
  })
})
