import type { Picture } from '@vedette/models/picture'
import { z } from 'zod'

const share = z.number().min(0).max(1)

/** Part of a camera's picture that is nobody's business, as shares of its width and height from the top left. */
export const maskedPart = z.strictObject({
  x: share,
  y: share,
  width: share.positive(),
  height: share.positive(),
})

export type MaskedPart = z.output<typeof maskedPart>

/** Blackens `parts` of `picture`, as it came from the camera and before anybody has looked at it. */
export function mask(picture: Picture, parts: readonly MaskedPart[]): void {
  const { width, height, data } = picture
  for (const part of parts) {
    const left = Math.floor(part.x * width)
    const right = Math.min(width, Math.ceil((part.x + part.width) * width))
    const bottom = Math.min(height, Math.ceil((part.y + part.height) * height))
    for (let y = Math.floor(part.y * height); y < bottom; y++) {
      data.fill(0, (y * width + left) * 3, (y * width + right) * 3)
    }
  }
}
