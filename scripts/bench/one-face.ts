import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import sharp from 'sharp'

/** Where one face with its surroundings is in the third sample photograph of face-api. */
const FACES = [
  { left: 0, top: 0, width: 700, height: 1350 },
  { left: 620, top: 0, width: 680, height: 1350 },
  { left: 1240, top: 0, width: 680, height: 1350 },
]

/** A photograph of one person: 1, 2 or 3. */
export async function oneFace(face: 1 | 2 | 3): Promise<Buffer> {
  const require = createRequire(import.meta.url)
  const file = require.resolve('@vladmandic/face-api/demo/sample3.jpg')
  return sharp(await readFile(file))
    .extract(FACES[face - 1]!)
    .jpeg({ quality: 90 })
    .toBuffer()
}
