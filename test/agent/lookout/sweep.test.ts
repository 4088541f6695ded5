import { closerInputs, Sweep } from '@vedette/agent/lookout/sweep'
import { describe, expect, it } from 'vitest'
import { cameraConfig } from '../../support/agent-faces.ts'
import { picture } from '../../support/agent-pictures.ts'

const scene = picture(640, 360)
const WHOLE = [1280, 416, 160]
const NOTHING = { moving: [], followed: [] }
const place = (x: number, y: number, side = 16) => ({ x, y, width: side, height: side })

describe('Sweep', () => {
  it('looks at the whole first, then closely only where something moves', () => {
    const sweep = new Sweep(cameraConfig())
    expect(sweep.looks(scene, 0, NOTHING)).toEqual(WHOLE)
    const region = { x: 256, y: 64, width: 128, height: 96 }
    const moving = [{ x: 300, y: 100, width: 30, height: 16 }]
    expect(sweep.looks(scene, 1000, { ...NOTHING, moving })).toEqual([
      { region, input: 256 },
      416,
      160,
    ])
    expect(sweep.looks(scene, 2000, NOTHING)).toEqual([416, 160])
  })

  it('looks the usual way between two sweeps: where something moves, else at the whole', () => {
    const sweep = new Sweep(cameraConfig())
    sweep.looks(scene, 0, NOTHING)
    const region = { x: 256, y: 64, width: 96, height: 96 }
    const moving = [place(300, 100)]
    expect(sweep.looks(scene, 200, { ...NOTHING, moving })).toEqual([{ region, input: 62 }])
    expect(sweep.looks(scene, 400, NOTHING)).toEqual([416])
  })

  it('takes places together that are near each other, and keeps within the picture', () => {
    const sweep = new Sweep(cameraConfig())
    sweep.looks(scene, 0, NOTHING)
    const moving = [place(624, 344), place(0, 0), place(40, 48), place(560, 300), place(96, 96)]
    expect(sweep.looks(scene, 1000, { moving, followed: [place(300, 160)] })).toEqual([
      { region: { x: 512, y: 256, width: 128, height: 104 }, input: 256 },
      { region: { x: 0, y: 0, width: 160, height: 160 }, input: 320 },
      { region: { x: 256, y: 128, width: 96, height: 96 }, input: 192 },
      ...[416, 160],
    ])
  })

  it('does not cut out what is nearly all', () => {
    const sweep = new Sweep(cameraConfig())
    sweep.looks(scene, 0, NOTHING)
    const all = { ...NOTHING, moving: [{ x: 0, y: 0, width: 600, height: 330 }] }
    expect(sweep.looks(scene, 200, all)).toEqual([416])
    expect(sweep.looks(scene, 1000, all)).toEqual(WHOLE)
  })

  it('looks half as often while all faces that are followed are near', () => {
    const sweptAfter = (...sides: number[]) => {
      const sweep = new Sweep(cameraConfig())
      sweep.looks(scene, 0, NOTHING)
      const followed = sides.map((side) => place(100, 100, side))
      return [1, 2].find((second) =>
        sweep.looks(scene, second * 1000, { moving: [], followed }).includes(160),
      )
    }
    expect([sweptAfter(), sweptAfter(40), sweptAfter(90)]).toEqual([1, 1, 2])
    expect([sweptAfter(90, 120), sweptAfter(90, 40)]).toEqual([2, 1])
  })

  it('looks at the whole closely again, once in a while', () => {
    const sweep = new Sweep(cameraConfig())
    const whole = Array.from({ length: 100 }, (_, second) => second).filter((second) =>
      sweep.looks(scene, second * 1000, NOTHING).includes(1280),
    )
    expect(whole).toEqual([0, 30, 60, 90])
  })

  it('looks at the whole each time where motion is not told', () => {
    const sweep = new Sweep(cameraConfig('{ motion: { enabled: false } }'))
    const faces = { moving: [place(0, 0)], followed: [place(9, 9)] }
    for (const at of [0, 1000, 2000]) expect(sweep.looks(scene, at, faces)).toEqual(WHOLE)
    expect(sweep.looks(scene, 2200, faces)).toEqual([416])
  })
})

describe('closerInputs', () => {
  it.each([
    ['twice the size', 640, 360, '{}', [1280]],
    ['as much as allowed', 1920, 1080, '{}', [1920]],
    ['by the longer side', 360, 640, '{}', [1280]],
    ['nothing where it is no larger than the usual', 200, 100, '{}', []],
    ['nothing where it is told not to', 640, 360, '{ detect: { sweep: { zoom: 0.5 } } }', []],
    ['as it is told', 640, 360, '{ detect: { sweep: { zoom: 1, most: 600 } } }', [600]],
  ])('looks %s', (_what, width, height, settings, expected) => {
    expect(closerInputs(picture(width, height), cameraConfig(settings))).toEqual(expected)
  })
})
