import type { Detection } from '@vedette/models/detection'
import { Models } from '@vedette/models/models'
import { decodePicture, type Picture } from '@vedette/models/picture'
import { type Quality, weakest } from '@vedette/models/quality'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { samplePicture } from '../support/models-samples.ts'

let models: Models
let picture: Picture
let detection: Detection
let good: Quality

beforeAll(async () => {
  models = await Models.open({ runtime: 'onnx' })
  picture = await samplePicture(1)
  detection = (await models.detect(picture, { inputs: [416], minScore: 0.5 }))[0]!
  good = await judged(picture)
})

afterAll(() => models[Symbol.asyncDispose]())

/** The quality of the same face in a picture of it that is `scale` times as large. */
async function judged(other: Picture, scale = 1): Promise<Quality> {
  const { x, y, width, height } = detection.box
  const box = { x: x * scale, y: y * scale, width: width * scale, height: height * scale }
  const [face] = await models.look(other, [{ ...detection, box }])
  return face!.quality
}

/** The sample changed as a camera would have it. */
async function changed(change: (image: Sharp) => Sharp): Promise<Picture> {
  const { width, height, data } = picture
  return decodePicture(
    await change(sharp(data, { raw: { width, height, channels: 3 } }))
      .png()
      .toBuffer(),
  )
}

describe('judge', () => {
  it('finds little to fault in a good photograph', () => {
    expect(good.overall).toBeGreaterThan(0.5)
    for (const share of Object.values(good.shares)) expect(share).toBeGreaterThan(0.5)
    expect(good.eyeDistance).toBeGreaterThan(40)
    expect(Math.abs(good.roll)).toBeLessThan(30)
  })

  it('takes the product of the shares', () => {
    const product = Object.values(good.shares).reduce((p, q) => p * q, 1)
    expect(good.overall).toBeCloseTo(product, 12)
  })

  it('sees blur, more of it the worse', async () => {
    const soft = await judged(await changed((image) => image.blur(3)))
    const softer = await judged(await changed((image) => image.blur(8)))
    expect(soft.shares.sharpness).toBeLessThan(good.shares.sharpness)
    expect(softer.shares.sharpness).toBeLessThan(soft.shares.sharpness)
    expect(softer.overall).toBeLessThan(good.overall / 4)
    expect(weakest(softer)).toBe('sharpness')
  })

  it('sees darkness', async () => {
    const dark = await judged(await changed((image) => image.linear(0.15, 0)))
    expect(dark.brightness).toBeLessThan(good.brightness * 0.6)
    expect(dark.shares.exposure).toBeLessThan(0.6)
    expect(weakest(dark)).toBe('exposure')
  })

  it('sees glare', async () => {
    const glaring = await judged(await changed((image) => image.linear(0.1, 228)))
    expect(glaring.brightness).toBeGreaterThan(225)
    expect(glaring.shares.exposure).toBeLessThan(good.shares.exposure)
    expect(weakest(glaring)).toBe('exposure')
  })

  it.each([9, 12, 15])('sees a face that is far away, %i times smaller', async (times) => {
    const width = Math.round(picture.width / times)
    const far = await judged(await changed((image) => image.resize({ width })), 1 / times)
    expect(Math.abs(far.eyeDistance - good.eyeDistance / times)).toBeLessThan(2)
    expect(far.shares.size).toBeLessThan(0.6)
    expect(weakest(far)).toBe('size')
  })

  it('sees a head that is tilted, and does not mind', async () => {
    const turned = await judged(await rotatedAboutFace(20))
    expect(Math.abs(turned.roll - good.roll)).toBeGreaterThan(12)
    expect(Math.abs(turned.roll - good.roll)).toBeLessThan(28)
    expect(turned.overall).toBeGreaterThan(good.overall * 0.6)
  })

  it('sees landmarks that make no face', async () => {
    const wall = { ...detection, box: { x: 0, y: 0, width: 120, height: 120 } }
    const [nobody] = await models.look(picture, [wall])
    expect(nobody!.quality.shares.shape).toBeLessThan(good.shares.shape)
    expect(nobody!.quality.overall).toBeLessThan(good.overall / 2)
  })
})

describe('weakest', () => {
  it('names the lowest share', () => {
    const shares = { size: 0.9, sharpness: 0.8, pose: 0.2, exposure: 1, shape: 0.3, whole: 1 }
    expect(weakest({ ...good, shares })).toBe('pose')
    expect(weakest({ ...good, shares: { ...shares, shape: 0.1 } })).toBe('shape')
  })

  it('blames the softness of a small face on its size', () => {
    const shares = { size: 0.4, sharpness: 0.1, pose: 1, exposure: 1, shape: 1, whole: 1 }
    expect(weakest({ ...good, shares })).toBe('size')
    expect(weakest({ ...good, shares: { ...shares, size: 1 } })).toBe('sharpness')
  })
})

/** The sample turned about the middle of the face, which stays where it is. */
async function rotatedAboutFace(degrees: number): Promise<Picture> {
  const { x, y, width, height } = detection.box
  const [centreX, centreY] = [Math.round(x + width / 2), Math.round(y + height / 2)]
  const reach = Math.min(centreX, centreY, picture.width - centreX, picture.height - centreY)
  const left = centreX - reach
  const top = centreY - reach
  const side = 2 * reach
  const square = await changed((image) => image.extract({ left, top, width: side, height: side }))
  const raw = { width: side, height: side, channels: 3 } as const
  const turned = await sharp(square.data, { raw })
    .rotate(degrees)
    .toBuffer({ resolveWithObject: true })
  const margin = Math.round((turned.info.width - side) / 2)
  const tile = await sharp(turned.data, { raw: { ...turned.info, channels: 3 } })
    .extract({ left: margin, top: margin, width: side, height: side })
    .png()
    .toBuffer()
  return changed((image) => image.composite([{ input: tile, left, top }]))
}
