import { outline } from '@vedette/agent/outline'
import type { Box } from '@vedette/models/geometry'
import { describe, expect, it } from 'vitest'
import { picture } from '../support/agent-pictures.ts'

/** The picture after an outline was drawn, a letter a pixel. */
function drawn(width: number, height: number, box: Box): string[] {
  const canvas = picture(width, height, () => 0)
  outline(canvas, box, [1, 2, 3])
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const pixel = canvas.data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)
      return pixel.join() === '1,2,3' ? '#' : pixel.join() === '0,0,0' ? '.' : '?'
    }).join(''),
  )
}

describe('outline', () => {
  it('draws an edge of two pixels', () => {
    expect(drawn(10, 8, { x: 1.2, y: 0.8, width: 6, height: 5.9 })).toEqual([
      '..........',
      '.#######..',
      '.#######..',
      '.##...##..',
      '.##...##..',
      '.##...##..',
      '.#######..',
      '.#######..',
    ])
  })

  it.each([
    [
      'partly',
      { x: -3, y: -3, width: 6, height: 6 },
      ['..##.', '..##.', '####.', '####.', '.....'],
    ],
    ['wholly', { x: 100, y: 100, width: 6, height: 6 }, Array<string>(5).fill('.....')],
    ['on every side', { x: -9, y: -9, width: 99, height: 99 }, Array<string>(5).fill('.....')],
  ])('draws nothing of a box where it lies %s beyond the edges', (_what, box, expected) => {
    expect(drawn(5, 5, box)).toEqual(expected)
  })

  it('draws a dot for a box of no size', () => {
    expect(drawn(3, 3, { x: 1, y: 1, width: 0, height: 0 })).toEqual(['...', '.#.', '...'])
  })
})
