import { Canaries } from '@vedette/agent/camera/canary'
import { Lookout } from '@vedette/agent/lookout/lookout'
import { Models } from '@vedette/models/models'
import type { Picture } from '@vedette/models/picture'
import type { Canary } from '@vedette/shared/message'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cameraConfig, portraitOf, room } from '../../support/agent-faces.ts'
import { recordedLog } from '../../support/agent-log.ts'
import { frame, picture } from '../../support/agent-pictures.ts'

let models: Models
let woman: Picture

beforeAll(async () => {
  models = await Models.open({ runtime: 'onnx' })
  woman = await portraitOf('woman', 100)
})

afterAll(() => models[Symbol.asyncDispose]())

const mark = { id: 'c-1', issuedAt: 1_763_650_000_000, token: Uint8Array.of(1, 2, 3) }
const canary: Canary = { type: 'canary', camera: 'gate-north', mark }

/** A camera whose frames come five a second; the server asks at `now`, scene time. */
function watching(settings?: string) {
  const config = cameraConfig(settings)
  let count = 0
  const lookout = new Lookout('gate-north', config, models, () => `track-${++count}`)
  const time = { now: 0 }
  const canaries = new Canaries(models, () => frame(time.now).capturedAt)
  const { log, lines } = recordedLog()
  return {
    lookout,
    time,
    lines,
    ask: (at: number, asked = canary) => {
      time.now = at
      canaries.ask(asked)
    },
    async look(at: number, scene: Picture) {
      const questions = await lookout.look(frame(at, scene))
      const around = { lookout, config, log }
      return { questions, shown: await canaries.show('gate-north', frame(at, scene), around) }
    },
  }
}

describe('a canary', () => {
  it('is a question about the test face, with its mark, a track of its own and the next frame’s time', async () => {
    const camera = watching()
    await camera.look(0, room())
    camera.ask(100)
    const { shown, questions } = await camera.look(200, room())
    expect(questions).toEqual([])
    expect(shown).toHaveLength(1)
    expect(shown[0]).toMatchObject({
      ...{ camera: 'gate-north', track: 'canary/c-1', shot: 0, canary: mark },
      capturedAt: frame(200).capturedAt,
      space: models.space,
    })
    expect(shown[0]!.quality).toBeGreaterThan(0.5)
    expect((await camera.look(400, room())).shown).toEqual([])
  })

  it('is shown on no frame that was there before it was asked for: a camera that is gone has none', async () => {
    const camera = watching()
    await camera.look(0, room())
    camera.ask(1000)
    expect((await camera.look(800, room())).shown).toEqual([])
    expect((await camera.look(1000, room())).shown).toHaveLength(1)
  })

  it('is for one camera', async () => {
    const camera = watching()
    camera.ask(0, { ...canary, camera: 'yard' })
    expect((await camera.look(200, room())).shown).toEqual([])
  })

  it('leaves tracks, background and picture as they are', async () => {
    const scenes = Array.from({ length: 12 }, (_, i) =>
      room({ portrait: woman, x: 20 + i * 36, y: 90 }),
    )
    const seen = async (asking: boolean) => {
      const camera = watching()
      const asked = []
      for (const [i, scene] of scenes.entries()) {
        if (asking) camera.ask(i * 200)
        const { questions, shown } = await camera.look(i * 200, scene)
        expect(shown).toHaveLength(asking ? 1 : 0)
        asked.push(...questions.map(({ track, shot, capturedAt }) => ({ track, shot, capturedAt })))
      }
      return { asked, counts: camera.lookout.counts }
    }
    const before = scenes.map(({ data }) => Buffer.from(data))
    expect(await seen(true)).toEqual(await seen(false))
    for (const [i, { data }] of scenes.entries()) expect(before[i]!.equals(data)).toBe(true)
  })

  it('carries the test face even where real faces are in the picture', async () => {
    const camera = watching()
    camera.ask(0)
    const { shown } = await camera.look(0, room({ portrait: woman, x: 10, y: 10 }))
    expect(shown).toHaveLength(1)
    const [x, , width] = shown[0]!.box
    expect(Math.abs(x + width / 2 - 320)).toBeLessThan(30)
  })

  it('does not come of a camera whose motion gate would not look at anybody', async () => {
    const camera = watching('{ motion: { area: 1, refresh: 5s } }')
    await camera.look(0, room())
    camera.ask(100)
    expect((await camera.look(200, room())).shown).toEqual([])
    expect((await camera.look(400, room())).shown).toEqual([])
    // A still scene is looked at now and then all the same: so is the test face.
    expect((await camera.look(5200, room())).shown).toHaveLength(1)
  })

  it('does not come of faces that are held to be too poor, and the log says so', async () => {
    const camera = watching('{ detect: { minScore: 1 } }')
    camera.ask(0)
    for (const at of [0, 200, 400, 600]) expect((await camera.look(at, room())).shown).toEqual([])
    const unseen = camera.lines.filter(({ event }) => event === 'canary.unseen')
    expect(unseen.map(({ tries }) => tries)).toEqual([1, 2, 3])
  })

  it.each([96, 416, 1280])('is found by a camera that looks at %d pixels', async (input) => {
    const camera = watching(`{ detect: { input: ${input} } }`)
    camera.ask(0)
    expect((await camera.look(0, room())).shown).toHaveLength(1)
  })

  it('is hung in pictures of any size', async () => {
    const camera = watching()
    for (const [i, [width, height]] of [
      [320, 240],
      [360, 640],
      [1920, 1080],
    ].entries()) {
      camera.ask(i * 200)
      const { shown } = await camera.look(
        i * 200,
        picture(width!, height!, (x, y) => (x + y) / 16),
      )
      expect(shown).toHaveLength(1)
    }
  })
})
