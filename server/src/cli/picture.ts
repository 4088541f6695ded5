import sharp from 'sharp'

const SIDE = 320
const GAP = 8

/** Two JPEGs as one, the same height, the first on the left. */
export async function sideBySide(left: Uint8Array, right: Uint8Array): Promise<Buffer> {
  const square = (bytes: Uint8Array) =>
    sharp(bytes).resize(SIDE, SIDE, { fit: 'contain', background: 'black' }).toBuffer()
  const [first, second] = await Promise.all([square(left), square(right)])
  const canvas = { width: SIDE * 2 + GAP, height: SIDE, channels: 3, background: 'white' } as const
  return sharp({ create: canvas })
    .composite([
      { input: first, left: 0, top: 0 },
      { input: second, left: SIDE + GAP, top: 0 },
    ])
    .jpeg({ quality: 90 })
    .toBuffer()
}
