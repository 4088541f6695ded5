import type { Box } from '@vedette/models/geometry'
import type { Picture } from '@vedette/models/picture'

/** Draws the edge of `box` into `picture`, two pixels wide, in red, green, blue 0 … 255. */
export function outline(
  picture: Picture,
  box: Box,
  colour: readonly [number, number, number],
): void {
  const [left, top] = [Math.round(box.x), Math.round(box.y)]
  const [right, bottom] = [Math.round(box.x + box.width), Math.round(box.y + box.height)]
  const dot = (x: number, y: number) => {
    if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return
    picture.data.set(colour, (y * picture.width + x) * 3)
  }
  for (let inset = 0; inset < 2; inset++) {
    for (let x = left + inset; x <= right - inset; x++) {
      dot(x, top + inset)
      dot(x, bottom - inset)
    }
    for (let y = top + inset; y <= bottom - inset; y++) {
      dot(left + inset, y)
      dot(right - inset, y)
    }
  }
}
