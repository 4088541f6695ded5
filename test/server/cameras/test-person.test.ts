import { Models } from '@vedette/models/models'
import type { Picture } from '@vedette/models/picture'
import { testFace } from '@vedette/models/test-face'
import { TestPerson } from '@vedette/server/cameras/test-person'
import { Galleries } from '@vedette/server/gallery/galleries'
import { Unavailable } from '@vedette/shared/errors'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { CALIBRATION } from '../../support/models-installed.ts'
import { SAMPLES, samplePicture } from '../../support/models-samples.ts'
import { openSight } from '../../support/server-desk.ts'
import { rejectionOf } from '../../support/thrown.ts'

const sight = await openSight()
const galleries = new Galleries({ gallery: sight.gallery, calibration: CALIBRATION })
const { space } = sight.gallery
let models: Models

beforeAll(async () => {
  models = await Models.open({ runtime: 'onnx' })
})

afterAll(() => Promise.all([models, sight].map((part) => part[Symbol.asyncDispose]())))

async function probesOf(picture: Picture) {
  const found = await models.detect(picture, { inputs: [416], minScore: 0.45 })
  return models.probes(picture, await models.look(picture, found))
}

describe('the test person', () => {
  it('is known by the test face, whatever its size, and is nobody else', async () => {
    const person = new TestPerson(galleries, sight.photos)
    for (const side of [160, 324, 648]) {
      for (const probe of await probesOf(await testFace(side))) {
        expect(await person.shown({ space, probe })).toBe(true)
      }
    }
    let strangers = 0
    for (const sample of SAMPLES) {
      for (const probe of await probesOf(await samplePicture(sample))) {
        expect(await person.shown({ space, probe })).toBe(false)
        strangers++
      }
    }
    expect(strangers).toBeGreaterThan(10)
    const [probe] = await probesOf(await testFace(324))
    expect(await sight.gallery.search(probe!)).toEqual([])
    expect(await person.shown({ space: 'another-space', probe: probe! })).toBe(false)
  })

  it('is embedded once, and again only when that went wrong', async () => {
    const photos = { probe: vi.fn(sight.photos.probe.bind(sight.photos)) }
    const [probe] = await probesOf(await testFace(324))
    const asked = { space, probe: probe! }
    const person = new TestPerson(galleries, photos)
    photos.probe.mockRejectedValueOnce(new Unavailable('worker.died', 'gone'))
    await rejectionOf(person.shown(asked), Unavailable)
    expect(await Promise.all([person.shown(asked), person.shown(asked)])).toEqual([true, true])
    expect(photos.probe).toHaveBeenCalledTimes(2)
  })
})
