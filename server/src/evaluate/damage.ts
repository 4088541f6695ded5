import type { Picture } from '@vedette/models/picture'
import sharp, { type Sharp } from 'sharp'
import { throughH264 } from './h264.ts'

/** What a camera does to a face, and how much of it. */
export type Damage = { kind: DamageKind; level: number }

/**
 * `size`: distance between the eyes, pixels. `blur`: radius (standard deviation) as a share of the eye
 * distance, per cent. `noise`: standard deviation of every sample, of 255. `jpeg`: quality. `h264`: the
 * encoder's constant rate factor. `darkness`: light left, per cent. `roll`: degrees.
 */
export const DAMAGES = {
  size: [40, 30, 24, 20, 16, 14, 12, 10, 8],
  blur: [2, 4, 6, 10],
  noise: [8, 16, 32],
  jpeg: [50, 25, 10],
  h264: [23, 30, 36, 42],
  darkness: [50, 25, 10, 5],
  roll: [15, 30, 45],
} as const satisfies Record<string, readonly number[]>

export type DamageKind = keyof typeof DAMAGES

/** Every damage at every level. */
export const EVERY_DAMAGE: readonly Damage[] = Object.entries(DAMAGES).flatMap(([kind, levels]) =>
  levels.map((level) => ({ kind: kind as DamageKind, level })),
)

/** `picture`, in which the eyes are `eyeDistance` pixels apart, as a worse camera would show it. */
export async function damaged(
  picture: Picture,
  eyeDistance: number,
  { kind, level }: Damage,
): Promise<Picture> {
  const { width, height } = picture
  switch (kind) {
    case 'size': {
      const scale = Math.min(1, level / eyeDistance)
      return changed(picture, (image) =>
        image.resize(
          Math.max(1, Math.round(width * scale)),
          Math.max(1, Math.round(height * scale)),
          {
            fit: 'fill',
            kernel: 'mitchell',
          },
        ),
      )
    }
    case 'blur':
      return changed(picture, (image) => image.blur(Math.max(0.3, (level / 100) * eyeDistance)))
    case 'noise':
      return { ...picture, data: noisy(picture.data, level) }
    case 'jpeg': {
      const jpeg = await imageOf(picture)
        .jpeg({ quality: level, chromaSubsampling: '4:2:0' })
        .toBuffer()
      return fromSharp(sharp(jpeg))
    }
    case 'h264':
      return throughH264(picture, level)
    case 'darkness':
      return { ...picture, data: picture.data.map((value) => Math.round((value * level) / 100)) }
    case 'roll':
      return changed(picture, (image) => image.rotate(level, { background: '#777' }))
  }
}

function imageOf({ width, height, data }: Picture): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } })
}

function changed(picture: Picture, change: (image: Sharp) => Sharp): Promise<Picture> {
  return fromSharp(change(imageOf(picture)))
}

async function fromSharp(image: Sharp): Promise<Picture> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data }
}

/** Gaussian noise (Box-Muller), the same for the same picture size. */
function noisy(data: Uint8Array, deviation: number): Uint8Array {
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 1) / 2 ** 32
  }
  return data.map((value) => {
    const gauss = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
    return Math.min(255, Math.max(0, Math.round(value + deviation * gauss)))
  })
}
