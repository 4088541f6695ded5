import type { Point, Similarity } from '@vedette/models/geometry'
import fc from 'fast-check'

const coordinate = fc.double({ min: -2000, max: 2000, noNaN: true })

export const place: fc.Arbitrary<Point> = fc.record({ x: coordinate, y: coordinate })

/** Points that do not all lie in one spot. */
export const spread: fc.Arbitrary<Point[]> = fc
  .array(place, { minLength: 2, maxLength: 40 })
  .filter((points) => points.some(({ x }) => Math.abs(x - points[0]!.x) > 1))

/** Any turn and shift; enlarges by `min` to `max`. */
export function similarityOf(min = 0.05, max = 20): fc.Arbitrary<Similarity> {
  return fc
    .record({
      scale: fc.double({ min, max, noNaN: true }),
      turn: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
      tx: coordinate,
      ty: coordinate,
    })
    .map(({ scale, turn, tx, ty }) => ({
      a: scale * Math.cos(turn),
      b: scale * Math.sin(turn),
      tx,
      ty,
    }))
}
