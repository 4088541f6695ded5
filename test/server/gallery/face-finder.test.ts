import type { Detector } from '@vedette/models/detector'
import { iou, squareAround } from '@vedette/models/geometry'
import { DEFAULT_MODELS, openDetector } from '@vedette/models/models'
import { crop, type Picture } from '@vedette/models/picture'
import { FaceFinder } from '@vedette/server/gallery/face-finder'
import { beforeAll, describe, expect, it } from 'vitest'
import { samplePicture } from '../../support/models-samples.ts'

/** What is shown around a face, and by how much of its width the picture is beside it. */
const PORTRAIT = { surroundings: 1, aside: 0 }
const HALF_A_NEIGHBOUR = { surroundings: 1.3, aside: 0.6 }
const SAME_FACE = 0.35

let finder: FaceFinder
let careful: Detector

beforeAll(async () => {
  finder = await FaceFinder.open(DEFAULT_MODELS)
  careful = await openDetector('ssd-mobilenet-v1', DEFAULT_MODELS)
})

/** Every large face of a few photographs, cut out so. */
async function cutOut({ surroundings, aside }: typeof PORTRAIT): Promise<Picture[]> {
  const pictures = await Promise.all([1, 3, 5].map(samplePicture))
  const parts = pictures.map(async (picture) => {
    const found = await careful.detect(picture, { inputs: [512], minScore: 0.5 })
    return found.map(({ box }) => {
      const beside = { ...box, x: box.x + aside * box.width }
      return crop(picture, squareAround(beside, surroundings))
    })
  })
  return (await Promise.all(parts)).flat().filter(({ width }) => width >= 200)
}

describe('the face finder', () => {
  it.each([
    ['of a portrait', PORTRAIT],
    ['of a face whose neighbour is half hidden', HALF_A_NEIGHBOUR],
  ])('has every face that a careful look has, and no other: %s', async (_what, cut) => {
    const pictures = await cutOut(cut)
    expect(pictures.length).toBeGreaterThan(5)
    for (const [i, picture] of pictures.entries()) {
      const expected = await careful.detect(picture, { inputs: [512], minScore: 0.5 })
      const found = await finder.find(picture)
      expect(found, `picture ${i}`).toHaveLength(expected.length)
      for (const { box } of expected) {
        const nearest = Math.max(...found.map((face) => iou(face.box, box)))
        expect(nearest, `picture ${i}`).toBeGreaterThan(SAME_FACE)
      }
    }
  })

  it('does without the cursory look where the runtime has no detector for it', async () => {
    const slow = await FaceFinder.open({ ...DEFAULT_MODELS, runtime: 'tfjs' })
    const [picture] = await cutOut(PORTRAIT)
    const [found, expected] = [await slow.find(picture!), await finder.find(picture!)]
    expect(found).toHaveLength(1)
    expect(iou(found[0]!.box, expected[0]!.box)).toBeGreaterThan(0.99)
  })
})
