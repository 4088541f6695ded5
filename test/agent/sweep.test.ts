import { closerInputs, Sweep } from '@vedette/agent/sweep'
import { describe, expect, it } from 'vitest'
import { cameraConfig } from '../support/agent-faces.ts'
import { picture } from '../support/agent-pictures.ts'

const scene = picture(640, 360)
const WHOLE = [1280, 160]

describe('Sweep', () => {
  it('looks at the whole first, and then only where something moved', () => {
    const sweep = new Sweep(cameraConfig())
    expect(sweep.looks(scene, 0)).toEqual(WHOLE)
    sweep.note({ x: 300, y: 100, width: 30, height: 60 })
    expect(sweep.looks(scene, 999)).toEqual([])
    const region = { x: 256, y: 64, width: 128, height: 128 }
    expect(sweep.looks(scene, 1000)).toEqual([{ region, input: 256 }, 160])
    expect(sweep.looks(scene, 2000)).toEqual([160])
  })

  it('takes in all that moved since the last one, within the picture', () => {
    const sweep = new Sweep(cameraConfig())
    sweep.looks(scene, 0)
    sweep.note({ x: 600, y: 300, width: 40, height: 60 })
    sweep.note(undefined)
    sweep.note({ x: 500, y: 200, width: 16, height: 16 })
    const region = { x: 448, y: 128, width: 192, height: 232 }
    expect(sweep.looks(scene, 1000)).toEqual([{ region, input: 464 }, 160])
  })

  it('does not cut out what is nearly all', () => {
    const sweep = new Sweep(cameraConfig())
    sweep.looks(scene, 0)
    sweep.note({ x: 0, y: 0, width: 600, height: 330 })
    expect(sweep.looks(scene, 1000)).toEqual(WHOLE)
  })

  it('looks at the whole again, once in a while', () => {
    const sweep = new Sweep(cameraConfig())
    const whole = Array.from({ length: 100 }, (_, second) => second).filter(
      (second) => sweep.looks(scene, second * 1000).length === WHOLE.length,
    )
    expect(whole).toEqual([0, 30, 60, 90])
  })

  it('looks at the whole each time where motion is not told', () => {
    const sweep = new Sweep(cameraConfig('{ motion: { enabled: false } }'))
    for (const at of [0, 1000, 2000]) expect(sweep.looks(scene, at)).toEqual(WHOLE)
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
