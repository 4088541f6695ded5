import { similarity } from '@vedette/shared/embedding'
import { Best } from './best.ts'
import { MatrixMemory } from './matrix-memory.ts'
import { BLOCK_ROWS, MOST_PROBES, type Product } from './product.ts'
import { ByteProduct } from './product-bytes.ts'
import { FloatProduct } from './product-floats.ts'

/** Pairs that reach a floor before the floors are raised by them, for each probe. */
const HITS_PER_PROBE = 64
/** Below either of these bytes have nothing to gain. */
const BYTES_MIN_PROBES = 8
const BYTES_MIN_ROWS = 4096
/** Searches with each product before the faster is settled on. */
const TRIALS = 3

/** One probe's answer: rows and their similarities, best first. */
export type Found = { rows: Int32Array; scores: Float64Array }

/**
 * Templates in rows, searched exactly: a matrix product finds every row that could be among the
 * best, and those are compared one by one. Adding and removing touch one row. Not reentrant: one
 * search at a time.
 */
export class Matrix {
  readonly length: number
  readonly #memory: MatrixMemory
  readonly #floats: FloatProduct
  readonly #bytes: ByteProduct
  readonly #hits: number
  readonly #probes: number
  /** The least similarity among each probe's best. */
  readonly #least: number
  /** 1 for every row that holds a template. */
  #live = new Uint8Array(0)
  #size = 0
  readonly #trials = { floats: [] as number[], bytes: [] as number[] }
  #blocks = 0
  /** Rows in use, and the unused ones between them. */
  #rows = 0

  /** `length` components a row, a multiple of 4. */
  static async open(length: number): Promise<Matrix> {
    const memory = new MatrixMemory()
    const floats = await FloatProduct.open(memory, length)
    return new Matrix(length, memory, floats, await ByteProduct.open(memory, length))
  }

  private constructor(
    length: number,
    memory: MatrixMemory,
    floats: FloatProduct,
    bytes: ByteProduct,
  ) {
    this.length = length
    this.#memory = memory
    this.#floats = floats
    this.#bytes = bytes
    this.#hits = memory.take(4 + MOST_PROBES * HITS_PER_PROBE * 8)
    this.#probes = memory.take(MOST_PROBES * length * 4)
    this.#least = memory.take(MOST_PROBES * 4)
  }

  /** Rows that hold a template. */
  get size(): number {
    return this.#size
  }

  /** Fills an empty matrix: vector i becomes row i. */
  load(vectors: readonly Float32Array[]): void {
    this.#bytes.fit(vectors)
    for (const [row, vector] of vectors.entries()) this.put(row, vector)
  }

  put(row: number, vector: Float32Array): void {
    while (row >= this.#blocks * BLOCK_ROWS) {
      this.#floats.grow()
      this.#bytes.grow()
      this.#blocks++
      const live = new Uint8Array(this.#blocks * BLOCK_ROWS)
      live.set(this.#live)
      this.#live = live
    }
    this.#floats.put(row, vector)
    this.#bytes.put(row, vector)
    this.#size += 1 - this.#live[row]!
    this.#live[row] = 1
    this.#rows = Math.max(this.#rows, row + 1)
  }

  /** Forgets the vector of `row`: no byte of it stays. */
  remove(row: number): void {
    if (this.#live[row] !== 1) return
    this.#live[row] = 0
    this.#size--
    this.#floats.wipe(row)
    this.#bytes.wipe(row)
  }

  /** The `k` rows most similar to each probe, at most MOST_PROBES probes of unit length. */
  async search(probes: readonly Float32Array[], k: number): Promise<Found[]> {
    const best = probes.map(() => new Best(k))
    if (probes.length < BYTES_MIN_PROBES || this.#rows < BYTES_MIN_ROWS) {
      await this.#run(this.#floats, probes, best)
    } else {
      const route = this.#route()
      const started = performance.now()
      await this.#run(route === 'bytes' ? this.#bytes : this.#floats, probes, best)
      this.#trials[route].push((performance.now() - started) / probes.length)
    }
    return best.map((found, i) => this.#answer(found, probes[i]!))
  }

  /** The faster product on this machine, found out by trying both a few times. */
  #route(): 'floats' | 'bytes' {
    const { floats, bytes } = this.#trials
    if (floats.length < TRIALS || bytes.length < TRIALS) {
      return floats.length <= bytes.length ? 'floats' : 'bytes'
    }
    floats.length = bytes.length = TRIALS
    return Math.min(...bytes) < Math.min(...floats) ? 'bytes' : 'floats'
  }

  async #run(product: Product, probes: readonly Float32Array[], best: Best[]): Promise<void> {
    for (const [i, probe] of probes.entries()) {
      this.#memory.floats(this.#probes + i * this.length * 4, this.length).set(probe)
    }
    this.#memory.floats(this.#least, MOST_PROBES).fill(Number.NEGATIVE_INFINITY)
    const columns = product.begin(probes)
    for (let block = 0; block * BLOCK_ROWS < this.#rows; block++) {
      const used = Math.min(BLOCK_ROWS, this.#rows - block * BLOCK_ROWS)
      const rows = Math.ceil(used / 4) * 4
      const scores = await product.multiply(block, rows)
      this.#collect(product, { scores, columns, rows, first: block * BLOCK_ROWS }, best)
    }
  }

  /** Compares every row that reaches its probe's floor, raising the floors as it goes. */
  #collect(
    product: Product,
    {
      scores,
      columns,
      rows,
      first,
    }: { scores: number; columns: number; rows: number; first: number },
    best: Best[],
  ): void {
    const lanes = Math.max(4, columns)
    const lines = (rows * columns) / lanes
    for (let line = 0; line < lines; ) {
      line = product.scan(scores, line, lines, this.#hits, lanes * HITS_PER_PROBE)
      const raised = this.#compare(lanes, columns, first, best)
      for (const probe of raised) {
        const { floor } = best[probe]!
        this.#memory.floats(this.#least, MOST_PROBES)[probe] = floor
        product.floor(probe, floor)
      }
    }
  }

  /** Offers every row that was hit to its probe's best; gives the probes whose floor it raised. */
  #compare(lanes: number, columns: number, first: number, best: Best[]): Set<number> {
    const { compare } = this.#memory.kernels
    const count = this.#memory.integers(this.#hits, 1)[0]!
    const rows = this.#floats.at(first)
    const [probes, least] = [this.#probes, this.#least]
    const kept = compare(this.#hits, count, lanes, columns, rows, probes, least, this.length)
    const indices = this.#memory.integers(this.#hits + 4, kept * 2)
    const similarities = this.#memory.floats(this.#hits + 4, kept * 2)
    const raised = new Set<number>()
    for (let i = 0; i < kept * 2; i += 2) {
      const probe = indices[i]! % columns
      const row = first + Math.floor(indices[i]! / columns)
      if (this.#live[row] !== 1) continue
      best[probe]!.offer(row, similarities[i + 1]!)
      raised.add(probe)
    }
    return raised
  }

  /** The similarities anew in double precision: the same numbers on every machine and route. */
  #answer(found: Best, probe: Float32Array): Found {
    const final = new Best(found.count)
    for (const row of found.rows.subarray(0, found.count)) {
      const vector = this.#memory.floats(this.#floats.at(row), this.length)
      final.offer(row, similarity(vector, probe))
    }
    return { rows: final.rows, scores: final.scores }
  }
}
