import { mask } from '@vedette/agent/camera/mask'
import { Lookout } from '@vedette/agent/lookout/lookout'
import { Models } from '@vedette/models/models'
import { describe, expect, it } from 'vitest'
import { cameraConfig, portraitOf } from '../../support/agent-faces.ts'
import { frame, picture } from '../../support/agent-pictures.ts'

/** Dots of a picture that are black, as its rows. */
function rowsOf({ width, height, data }: ReturnType<typeof picture>): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (data[(y * width + x) * 3] === 0 ? '#' : '.')).join(''),
  )
}

describe('a mask', () => {
  it('covers its part of the picture and no other', () => {
    const scene = picture(8, 4, () => 100)
    mask(scene, [{ x: 0.5, y: 0.25, width: 0.25, height: 0.5 }])
    expect(rowsOf(scene)).toEqual(['........', '....##..', '....##..', '........'])
  })

  it('covers each dot that it touches, and ends where the picture does', () => {
    const scene = picture(4, 2, () => 100)
    mask(scene, [
      { x: 0.1, y: 0, width: 0.01, height: 0.1 },
      { x: 0.9, y: 0.9, width: 1, height: 1 },
    ])
    expect(rowsOf(scene)).toEqual(['#...', '...#'])
  })

  it('hides a face from the detector', async () => {
    await using models = await Models.open({ runtime: 'onnx' })
    const lookout = () => new Lookout('gate', cameraConfig(), models, () => 'track')
    const [plain, hidden] = [lookout(), lookout()]
    await plain.look(frame(0, await portraitOf('woman', 100)))
    const scene = await portraitOf('woman', 100)
    mask(scene, cameraConfig('{ mask: [{ x: 0, y: 0, width: 1, height: 1 }] }').mask)
    await hidden.look(frame(0, scene))
    expect([plain.counts.detections > 0, hidden.counts.detections]).toEqual([true, 0])
  })

  it.each([
    '{ mask: [{ x: 0, y: 0, width: 0, height: 1 }] }',
    '{ mask: [{ x: 2, y: 0, width: 1, height: 1 }] }',
    '{ mask: [{ x: 0, y: 0, width: 1 }] }',
  ])('that is none is refused: %s', (settings) => {
    expect(() => cameraConfig(settings)).toThrow(/cameras\.gate\.mask\.0/)
  })
})
