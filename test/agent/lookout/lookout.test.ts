import { Lookout, type Question } from '@vedette/agent/lookout/lookout'
import { Models } from '@vedette/models/models'
import { cropJpeg, decodePicture, type Picture } from '@vedette/models/picture'
import { norm, similarity } from '@vedette/shared/embedding'
import { LIMITS } from '@vedette/shared/scan'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cameraConfig, portraitOf, room } from '../../support/agent-faces.ts'
import { frame, noisyPicture, picture } from '../../support/agent-pictures.ts'

let models: Models
let woman: Picture
let man: Picture

beforeAll(async () => {
  models = await Models.open({ runtime: 'onnx' })
  ;[woman, man] = await Promise.all([portraitOf('woman', 100), portraitOf('man', 90)])
})

afterAll(() => models[Symbol.asyncDispose]())

function lookout(settings?: string): Lookout {
  let count = 0
  return new Lookout('gate-north', cameraConfig(settings), models, () => `track-${++count}`)
}

/** What is asked about scenes that follow each other at five a second. */
async function asked(watcher: Lookout, scenes: readonly Picture[], from = 0): Promise<Question[]> {
  const questions: Question[] = []
  for (const [i, scene] of scenes.entries()) {
    questions.push(...(await watcher.look(frame(from + i * 200, scene))))
  }
  return questions
}

/** Scenes in which the woman walks from left to right, in `steps` steps. */
const walk = (steps: number) =>
  Array.from({ length: steps }, (_, i) => room({ portrait: woman, x: 20 + i * 30, y: 90 }))

describe('Lookout', () => {
  it('makes one track of one walk, and asks about it at once', async () => {
    const watcher = lookout()
    const questions = await asked(watcher, walk(14))
    expect(watcher.counts).toMatchObject({ frames: 14, still: 0, tracks: 1 })
    expect(watcher.counts.questions).toBe(questions.length)
    expect(questions.length).toBeGreaterThan(0)
    expect(questions.length).toBeLessThanOrEqual(6)
    expect(questions.map(({ shot }) => shot)).toEqual(questions.map((_, i) => i))
    expect(new Set(questions.map(({ track }) => track))).toEqual(new Set(['track-1']))
    expect(questions[0]!.capturedAt).toBeLessThanOrEqual(frame(400).capturedAt)
  })

  it('asks with all that the server needs, and nothing that it would refuse', async () => {
    const scenes = walk(4)
    for (const question of await asked(lookout(), scenes)) {
      const { camera, capturedAt, probe, box, quality } = question
      expect(camera).toBe('gate-north')
      expect([0, 200, 400, 600].map((time) => frame(time).capturedAt)).toContain(capturedAt)
      expect(probe).toHaveLength(models.embeddingLength)
      expect(norm(probe)).toBeCloseTo(1, 5)
      const [x, y, width, height] = box
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0)
      expect(x + width).toBeLessThanOrEqual(640)
      expect(y + height).toBeLessThanOrEqual(360)
      expect(Math.min(width, height)).toBeGreaterThan(50)
      expect(quality).toBeGreaterThanOrEqual(0.1)
      expect(quality).toBeLessThanOrEqual(1)
      const shown = await decodePicture(question.picture)
      expect(Math.max(shown.width, shown.height)).toBeLessThanOrEqual(256)
      expect(question.picture.length).toBeLessThan(LIMITS.binaryBytes)
    }
  })

  it('asks with a picture that fits a message, whatever the scene is', async () => {
    const { width, height, data } = noisyPicture(300, 300, 7)
    const worst = { width, height, data: data.map((level) => (level > 127 ? 255 : 0)) }
    const jpeg = await cropJpeg(worst, { x: 0, y: 0, width, height }, 256)
    expect(jpeg.length).toBeLessThan(LIMITS.binaryBytes)
  })

  it('keeps two people apart that pass at the same time', async () => {
    const watcher = lookout()
    const scenes = Array.from({ length: 10 }, (_, i) =>
      room({ portrait: woman, x: 10 + i * 12, y: 20 }, { portrait: man, x: 460 - i * 12, y: 180 }),
    )
    const questions = await asked(watcher, scenes)
    expect(watcher.counts.tracks).toBe(2)
    const probes = (track: string) =>
      questions.filter((question) => question.track === track).map(({ probe }) => probe)
    const [first, second] = [probes('track-1'), probes('track-2')]
    expect(Math.min(first.length, second.length)).toBeGreaterThan(0)
    for (const probe of first) {
      expect(similarity(probe, first[0]!)).toBeGreaterThan(0.9)
      for (const other of second) expect(similarity(probe, other)).toBeLessThan(0.9)
    }
  })

  it('asks better and better, and no more often than it may', async () => {
    const sides = [30, 36, 44, 52, 62, 74, 88, 100]
    const portraits = await Promise.all(sides.map((side) => portraitOf('woman', side)))
    const scenes = portraits.map((portrait, i) => room({ portrait, x: 250 - i * 8, y: 60 }))
    const sweep = 'detect: { sweep: { every: 1ms } }'
    for (const most of [1, 2, 6]) {
      const watcher = lookout(`{ ${sweep}, ask: { most: ${most}, better: 0.01, again: 1h } }`)
      const qualities = (await asked(watcher, scenes)).map(({ quality }) => quality)
      expect(watcher.counts.tracks).toBe(1)
      expect(qualities.length).toBeGreaterThanOrEqual(Math.min(most, 2))
      expect(qualities.length).toBeLessThanOrEqual(most)
      expect(qualities).toEqual(qualities.toSorted((p, q) => p - q))
    }
  })

  it('does not ask about a face that is not good enough', async () => {
    const watcher = lookout('{ ask: { minQuality: 1 } }')
    const blurred = await portraitOf('woman', 16)
    expect(await asked(watcher, [room({ portrait: blurred, x: 100, y: 100 })])).toEqual([])
  })

  it('does not look at a still scene again, until it is time', async () => {
    const watcher = lookout()
    await asked(watcher, Array<Picture>(30).fill(room()))
    expect(watcher.counts).toMatchObject({ frames: 30, still: 28, questions: 0 })
  })

  it('looks at every frame where it is told to', async () => {
    const watcher = lookout('{ motion: { enabled: false } }')
    await asked(watcher, Array<Picture>(4).fill(room()))
    expect(watcher.counts).toMatchObject({ frames: 4, still: 0 })
  })

  it('looks on at a still face only while a better chip may come', async () => {
    const scene = room({ portrait: await portraitOf('woman', 45), x: 200, y: 90 })
    const scenes = Array<Picture>(9).fill(scene)
    const open = lookout('{ motion: { refresh: 1h }, ask: { better: 0.01, again: 1h } }')
    const settled = lookout('{ motion: { refresh: 1h }, ask: { better: 0.01, most: 1 } }')
    expect(await asked(open, scenes)).toHaveLength(1)
    expect(await asked(settled, scenes)).toHaveLength(1)
    expect([open.counts.still, settled.counts.still]).toEqual([0, 8])
  })

  it('asks a second and a third time about a face that gets no better, and then lets it be', async () => {
    const watcher = lookout('{ motion: { enabled: false }, ask: { better: 1 } }')
    const swaying = Array.from({ length: 40 }, (_, i) =>
      room({ portrait: woman, x: 200 + (i % 3) * 4, y: 90 }),
    )
    const questions = await asked(watcher, swaying)
    const times = questions.map(({ capturedAt }) => capturedAt - frame(0).capturedAt)
    // Three come by time, two because the face was held against what it looked like.
    expect(times).toEqual([0, 400, 800, 1200, 3200, 5200])
    expect(watcher.counts.tracks).toBe(1)
  })

  it('takes a face for the same that stood still for long', async () => {
    const watcher = lookout('{ ask: { most: 1 }, motion: { refresh: 1h } }')
    const there = room({ portrait: woman, x: 200, y: 90 })
    await asked(watcher, Array<Picture>(50).fill(there))
    expect(watcher.counts.still).toBeGreaterThan(40)
    await asked(watcher, [room({ portrait: woman, x: 240, y: 90 })], 50 * 200)
    expect(watcher.counts).toMatchObject({ tracks: 1, questions: 1 })
  })

  it('asks about who takes the place of another, and never again about who stays', async () => {
    const watcher = lookout('{ ask: { most: 1 }, motion: { enabled: false } }')
    const at = (portrait: Picture, i: number) => room({ portrait, x: 200 + (i % 3) * 4, y: 90 })
    const staying = Array.from({ length: 20 }, (_, i) => at(woman, i))
    const [first, ...more] = await asked(watcher, staying)
    expect([first!.track, more]).toEqual(['track-1', []])
    const swapped = Array.from({ length: 12 }, (_, i) => at(man, i))
    const [second, ...again] = await asked(watcher, swapped, 20 * 200)
    expect([second!.track, second!.shot, again]).toEqual(['track-2', 0, []])
    expect(similarity(first!.probe, second!.probe)).toBeLessThan(0.9)
  })

  it('finds a face in the closer look of a sweep that the usual one passes over', async () => {
    const far = await portraitOf('woman', 26)
    const scene = room({ portrait: far, x: 300, y: 150 })
    const [sweeping, plain] = [lookout(), lookout('{ detect: { sweep: { zoom: 0.25 } } }')]
    for (const watcher of [sweeping, plain]) await asked(watcher, [scene])
    expect([sweeping.counts.tracks, plain.counts.tracks]).toEqual([1, 0])
  })

  it('looks at pictures of any size, and at a change of size', async () => {
    const watcher = lookout()
    const scenes = [picture(1, 1), picture(33, 900), room({ portrait: woman, x: 100, y: 60 })]
    await asked(watcher, scenes)
    expect(watcher.counts).toMatchObject({ frames: 3, still: 0, tracks: 1 })
  })
})
