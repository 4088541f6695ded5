/** A place in a picture, pixels; pixel i covers i … i+1, so its centre is i + ½. */
export type Point = { x: number; y: number }

/** An upright rectangle in a picture, pixels; may reach beyond the edges. */
export type Box = { x: number; y: number; width: number; height: number }

/** Rotation, scale and shift: (x, y) → (a·x − b·y + tx, b·x + a·y + ty). */
export type Similarity = { a: number; b: number; tx: number; ty: number }

/** Intersection over union of two boxes, 0 … 1. */
export function iou(p: Box, q: Box): number {
  const both = intersection(p, q)
  return both === 0 ? 0 : both / (area(p) + area(q) - both)
}

/** The share of the smaller box that lies in the other, 0 … 1. */
export function contained(p: Box, q: Box): number {
  const both = intersection(p, q)
  return both === 0 ? 0 : both / Math.min(area(p), area(q))
}

function intersection(p: Box, q: Box): number {
  const width = Math.min(p.x + p.width, q.x + q.width) - Math.max(p.x, q.x)
  const height = Math.min(p.y + p.height, q.y + q.height) - Math.max(p.y, q.y)
  return Math.max(0, width) * Math.max(0, height)
}

function area({ width, height }: Box): number {
  return width * height
}

/** The square around the centre of `box` whose side is its longer one, grown by `margin` (0.1: 10 %). */
export function squareAround({ x, y, width, height }: Box, margin = 0): Box {
  const side = Math.max(width, height) * (1 + margin)
  return { x: x + (width - side) / 2, y: y + (height - side) / 2, width: side, height: side }
}

export function apply({ a, b, tx, ty }: Similarity, { x, y }: Point): Point {
  return { x: a * x - b * y + tx, y: b * x + a * y + ty }
}

export function invert({ a, b, tx, ty }: Similarity): Similarity {
  const d = a * a + b * b
  return { a: a / d, b: -b / d, tx: -(a * tx + b * ty) / d, ty: (b * tx - a * ty) / d }
}

/** First `inner`, then `outer`. */
export function compose(outer: Similarity, inner: Similarity): Similarity {
  const { x: tx, y: ty } = apply(outer, { x: inner.tx, y: inner.ty })
  return {
    a: outer.a * inner.a - outer.b * inner.b,
    b: outer.b * inner.a + outer.a * inner.b,
    tx,
    ty,
  }
}

/** How much `similarity` enlarges. */
export function scaleOf({ a, b }: Similarity): number {
  return Math.hypot(a, b)
}

/**
 * The similarity that brings `from` nearest to `to` in the least-squares sense, without reflection,
 * and the root mean square of the distances left, in units of `to`.
 * Source: S. Umeyama, "Least-squares estimation of transformation parameters between two point
 * patterns", IEEE TPAMI 13(4), 1991 (two dimensions, closed form).
 */
export function fitSimilarity(
  from: readonly Point[],
  to: readonly Point[],
): { similarity: Similarity; residual: number } {
  const [p, q] = [centroid(from), centroid(to)]
  let [dot, cross, spread] = [0, 0, 0]
  for (const [i, { x, y }] of from.entries()) {
    const [px, py, qx, qy] = [x - p.x, y - p.y, to[i]!.x - q.x, to[i]!.y - q.y]
    dot += px * qx + py * qy
    cross += px * qy - py * qx
    spread += px * px + py * py
  }
  const [a, b] = [dot / spread, cross / spread]
  const similarity = { a, b, tx: q.x - (a * p.x - b * p.y), ty: q.y - (b * p.x + a * p.y) }
  let squares = 0
  for (const [i, point] of from.entries()) {
    const { x, y } = apply(similarity, point)
    squares += (x - to[i]!.x) ** 2 + (y - to[i]!.y) ** 2
  }
  return { similarity, residual: Math.sqrt(squares / from.length) }
}

export function centroid(points: readonly Point[]): Point {
  let [x, y] = [0, 0]
  for (const point of points) {
    x += point.x
    y += point.y
  }
  return { x: x / points.length, y: y / points.length }
}
