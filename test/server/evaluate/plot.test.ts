import { detPlot } from '@vedette/server/evaluate/plot'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'

const words = { title: 'Verification', x: 'FMR', y: 'FNMR & more' }

/** Reads the document as a renderer does, which throws on what is not well-formed. */
async function rendered(svg: string) {
  const { data, info } = await sharp(Buffer.from(svg)).raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, corner: [...data.subarray(0, 4)] }
}

describe('detPlot', () => {
  it('is an SVG on white that names each series and both axes', async () => {
    const svg = await detPlot(
      [
        {
          name: 'one',
          points: [
            { x: 0.001, y: 0.3 },
            { x: 0.1, y: 0.02 },
          ],
        },
        {
          name: 'a second one, with a name as long as forty letters',
          points: [{ x: 0.5, y: 0.5 }],
        },
        { name: 'less < more', points: [] },
      ],
      words,
    )
    for (const text of ['one', 'a second one, with a name as long as forty letters']) {
      expect(svg).toContain(`>${text}<`)
    }
    for (const text of ['less &lt; more', 'Verification', 'FMR', 'FNMR &amp; more']) {
      expect(svg).toContain(`>${text}<`)
    }
    for (const rate of ['0.1 %', '1 %', '10 %', '100 %']) expect(svg).toContain(`>${rate}<`)
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
    expect(await rendered(svg)).toEqual({ width: 720, height: 540, corner: [255, 255, 255, 255] })
  })

  it('lays what is not above 0 on the edge, and leaves out what is no number', async () => {
    const edge = {
      name: 'edge',
      points: [
        { x: 0, y: 1 },
        { x: 0.01, y: 0.1 },
        { x: 1, y: -0 },
      ],
    }
    const bad = { x: Number.NaN, y: 0.5 }
    const svg = await detPlot([edge], words)
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
    expect(await detPlot([{ ...edge, points: [bad, ...edge.points] }], words)).toBe(svg)
    const least = { name: 'edge', points: edge.points.map(atLeast) }
    expect(await detPlot([least], words)).toBe(svg)
  })

  it.each([
    ['no series', []],
    ['no points', [{ name: 'none', points: [] }]],
    ['zeros only', [{ name: 'zero', points: [{ x: 0, y: 0 }] }]],
    ['ones only', [{ name: 'all', points: [{ x: 1, y: 1 }] }]],
  ])('draws the axes of %s', async (_, series) => {
    const svg = await detPlot(series, words)
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
    expect(svg).toContain('>100 %<')
    expect(await rendered(svg)).toMatchObject({ width: 720, height: 540 })
  })
})

/** The smallest rates that the axes of `edge` go to. */
function atLeast({ x, y }: { x: number; y: number }) {
  return { x: Math.max(x, 0.01), y: Math.max(y, 0.1) }
}
