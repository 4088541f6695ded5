import { ProtocolFault } from './errors.ts'

/** A point of an embedding space: a unit vector. A probe when asked, a template when stored. */
export type Embedding = Float32Array

const NORM_TOLERANCE = 1e-3

/** The Euclidean length of `v`. */
export function norm(v: Float32Array): number {
  let sum = 0
  for (let i = 0; i < v.length; i++) sum += v[i]! * v[i]!
  return Math.sqrt(sum)
}

/** A new vector of length 1 in the direction of `v`. `v` must not be zero. */
export function normalise(v: Float32Array): Embedding {
  const scale = 1 / norm(v)
  return v.map((x) => x * scale)
}

/** The direction of the sum of `embeddings` (one at least): what they have in common. */
export function centreOf(embeddings: readonly Embedding[]): Embedding {
  const sum = new Float32Array(embeddings[0]!.length)
  for (const embedding of embeddings) {
    for (let k = 0; k < sum.length; k++) sum[k]! += embedding[k]!
  }
  return normalise(sum)
}

/** The cosine of the angle between two unit vectors of one space, −1 … 1. */
export function similarity(a: Embedding, b: Embedding): number {
  let dot = 0
  for (let i = 0; i < a.length; i++) dot += a[i]! * b[i]!
  return dot
}

/** `embedding` as little-endian float32, 4 bytes a component. */
export function encodeEmbedding(embedding: Embedding): Uint8Array {
  const bytes = new Uint8Array(embedding.length * 4)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < embedding.length; i++) view.setFloat32(i * 4, embedding[i]!, true)
  return bytes
}

/**
 * Reads little-endian float32 into a fresh unit vector of `length` components, normalised again so
 * that a peer's scale can never inflate a score. Throws ProtocolFault `embedding.*` when the length
 * differs, a component is not finite or the norm is off 1 by more than 0.001.
 */
export function decodeEmbedding(bytes: Uint8Array, length: number): Embedding {
  if (bytes.byteLength !== length * 4) {
    throw new ProtocolFault(
      'embedding.wrong-length',
      `embedding of ${bytes.byteLength} bytes, ${length * 4} expected`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const vector = new Float32Array(length)
  for (let i = 0; i < length; i++) vector[i] = view.getFloat32(i * 4, true)
  const size = norm(vector)
  if (!Number.isFinite(size)) {
    throw new ProtocolFault('embedding.not-finite', 'embedding has a component that is not finite')
  }
  if (Math.abs(size - 1) > NORM_TOLERANCE) {
    throw new ProtocolFault('embedding.not-unit', `embedding of norm ${size.toPrecision(3)}`)
  }
  return normalise(vector)
}
