import type { CameraConfig } from '@vedette/agent/config'
import { parseAgentConfig } from '@vedette/agent/config'
import { crop, type Picture } from '@vedette/models/picture'
import sharp from 'sharp'
import { picture } from './agent-pictures.ts'
import { samplePicture } from './models-samples.ts'

/** A clear face in a sample photograph: where it is, pixels. */
const FACES = {
  woman: { sample: 2, x: 1404, y: 178, size: 272 },
  man: { sample: 5, x: 316, y: 896, size: 314 },
} as const

export type Person = keyof typeof FACES

/** A square cut from a photograph in which the person's face is about `side` pixels wide. */
export async function portraitOf(person: Person, side: number): Promise<Picture> {
  const { sample, x, y, size } = FACES[person]
  const margin = size * 0.35
  const box = { x: x - margin, y: y - margin, width: size + 2 * margin, height: size + 2 * margin }
  const { width, height, data } = crop(await samplePicture(sample), box)
  const target = Math.round(side * 1.7)
  const scaled = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(target, target)
    .raw()
    .toBuffer()
  return { width: target, height: target, data: scaled }
}

/** An empty room of 640 × 360 pixels with portraits hung at places, given by left top corners. */
export function room(...hung: { portrait: Picture; x: number; y: number }[]): Picture {
  const scene = picture(640, 360, (x, y) => 70 + x / 10 + y / 20)
  for (const { portrait, x, y } of hung) {
    const [left, top] = [Math.round(x), Math.round(y)]
    const [from, to] = [Math.max(0, -left), Math.min(portrait.width, 640 - left)]
    for (let row = 0; row < portrait.height; row++) {
      const line = portrait.data.subarray(
        (row * portrait.width + from) * 3,
        (row * portrait.width + to) * 3,
      )
      if (to > from) scene.data.set(line, ((top + row) * 640 + left + from) * 3)
    }
  }
  return scene
}

/** A camera's configuration with everything as usual but `settings`, YAML. */
export function cameraConfig(settings = '{}'): CameraConfig {
  const text = `
server: { host: hub }
credentials: .
cameras: { gate: { source: a.mp4, ${settings.slice(1, -1)} } }`
  return parseAgentConfig(text, '/agent.yaml').cameras.gate!
}
