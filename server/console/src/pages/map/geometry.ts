/** Pixels, y downwards. */
export type Point = { x: number; y: number }

const ARC_STEP = 6

/**
 * What a camera sees from `at`: a sector `width` degrees wide around `bearing` (clockwise from the
 * upper edge), `radius` pixels long. All round it is a circle.
 */
export function sector(at: Point, bearing: number, width: number, radius: number): Point[] {
  const steps = Math.max(2, Math.ceil(width / ARC_STEP))
  const arc = Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((bearing - width / 2 + (i * width) / steps) * Math.PI) / 180
    return { x: at.x + radius * Math.sin(angle), y: at.y - radius * Math.cos(angle) }
  })
  return width >= 360 ? arc : [at, ...arc]
}

/** Groups what would lie upon one another: nearer than `apart` to the first of its group. */
export function together<T extends { at: Point; alone: boolean }>(
  all: readonly T[],
  apart: number,
): T[][] {
  const groups: T[][] = []
  for (const one of all) {
    const near = groups.find(([first]) => {
      if (one.alone || !first || first.alone) return false
      return Math.hypot(first.at.x - one.at.x, first.at.y - one.at.y) < apart
    })
    if (near) near.push(one)
    else groups.push([one])
  }
  return groups
}

/** Degrees between two lines of the graticule, so that a few are to be seen over `span` degrees. */
export function graticuleStep(span: number): number {
  const steps = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]
  return steps.find((step) => span / step >= 4) ?? 0.001
}
