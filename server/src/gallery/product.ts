/** Rows multiplied at a time: their scores stay in the processor's cache. */
export const BLOCK_ROWS = 8192

/** Probes searched at a time, at most; a multiple of 4. More would push the scores out of the cache. */
export const MOST_PROBES = 32

/**
 * A way to score many rows against many probes at once. Scores are in units of its own; `floor`
 * brings similarities to them so that no row at or above a similarity is missed.
 */
export type Product = {
  /** Makes room for one more block of BLOCK_ROWS rows. */
  grow(): void
  /** Takes over the vector of `row`. */
  put(row: number, vector: Float32Array): void
  /** Leaves no byte of the vector of `row`. */
  wipe(row: number): void
  /** Sets the probes for the multiplications that follow; gives the columns of their scores. */
  begin(probes: readonly Float32Array[]): number
  /** Scores the first `rows` rows of a block: a matrix [rows, columns] at the place returned. */
  multiply(block: number, rows: number): Promise<number>
  /** Column `probe` reports rows from `similarity` upwards from here on. */
  floor(probe: number, similarity: number): void
  /** Pairs (row, column) that reach their floor, from `row` on; see kernels/search.ts. */
  scan(scores: number, row: number, rows: number, hits: number, capacity: number): number
}

/** Columns for that many probes: one, or as many as fill whole vector registers. */
export function columnsFor(probes: number): number {
  return probes === 1 ? 1 : Math.ceil(probes / 4) * 4
}
