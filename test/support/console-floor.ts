import sharp from 'sharp'

const [WIDTH, HEIGHT] = [900, 520]
/** x, y, width, height of black walls on white paper. */
const WALLS = [
  [30, 30, 840, 6],
  [30, 484, 840, 6],
  [30, 30, 6, 460],
  [864, 30, 6, 460],
  [300, 30, 6, 180],
  [300, 300, 6, 190],
  [300, 210, 140, 6],
  [600, 30, 6, 300],
  [600, 400, 6, 90],
  [30, 330, 160, 6],
] as const

/** The plan of a hall that is nowhere: PNG, 900 × 520. */
export function floorOfNowhere(): Promise<Buffer> {
  const paper = { width: WIDTH, height: HEIGHT, channels: 3, background: '#fff' } as const
  const walls = WALLS.map(([left, top, width, height]) => ({
    input: { create: { width, height, channels: 3, background: '#333' } as const },
    ...{ left, top },
  }))
  return sharp({ create: paper }).composite(walls).png().toBuffer()
}
