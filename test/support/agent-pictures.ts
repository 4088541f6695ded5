import type { Frame } from '@vedette/agent/frame'
import type { Picture } from '@vedette/models/picture'
import { seeded } from './agent-random.ts'

/** A picture in which every pixel is the level that `level` gives it, cut to 0 … 255. */
export function picture(
  width: number,
  height: number,
  level: (x: number, y: number) => number = () => 127,
): Picture {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = Math.min(255, Math.max(0, Math.round(level(x, y))))
      data.fill(value, (y * width + x) * 3, (y * width + x) * 3 + 3)
    }
  }
  return { width, height, data }
}

/** A picture of bytes without any pattern. */
export function noisyPicture(width: number, height: number, seed = 1): Picture {
  const random = seeded(seed)
  const data = Uint8Array.from({ length: width * height * 3 }, () => Math.floor(random() * 256))
  return { width, height, data }
}

/** `picture` as ffmpeg writes it. */
export function ppm({ width, height, data }: Picture): Buffer {
  return Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), data])
}

/** A frame that says which it is by its scene time. */
export function frame(sceneTime: number, of: Picture = picture(1, 1)): Frame {
  return { picture: of, capturedAt: 1_763_650_000_000 + sceneTime, sceneTime }
}
