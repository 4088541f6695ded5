import { Graph } from '@vedette/models/compile/graph'
import { openSession } from '@vedette/models/runtime/onnx'
import { norm, similarity } from '@vedette/shared/embedding'
import { type InferenceSession, Tensor } from 'onnxruntime-node'
import type { MatrixMemory } from './matrix-memory.ts'
import { BLOCK_ROWS, columnsFor, MOST_PROBES, type Product } from './product.ts'

const ZERO = 128
/** Largest component of a unit vector that is kept whole before the rows are known. */
const FIRST_RANGE = 0.5
/** Processors without VNNI add two products in 16 bits and clip: 2 · 255 · 64 still fits. */
const PROBE_RANGE = 64
const ROUNDING = 1e-5
const NEVER = 0x7fffffff
const ALWAYS = -0x80000000

/** What the scores of one probe mean: similarity ≈ offset + scale · (score − shift), give or take. */
type Probe = { offset: number; scale: number; shift: number; error: number }

/**
 * Scores are integers: rows and probes as bytes, multiplied by the processor's byte instructions,
 * some times faster than floats and a quarter of the memory. With t = µ + S·q + r for a row and
 * p = s·c + e for a probe, t·p = µ·p + S·s·(q·c) + S·q·e + r·p, so what the integers leave out is at
 * most ‖S·q‖·‖e‖ + ‖r‖·‖p‖ (Cauchy-Schwarz). Floors are lowered by that bound: no row is missed.
 */
export class ByteProduct implements Product {
  readonly #memory: MatrixMemory
  readonly #length: number
  readonly #session: InferenceSession
  readonly #blocks: number[] = []
  readonly #codes: number
  readonly #floors: number
  readonly #scores: number
  #mean: Float32Array
  #step = FIRST_RANGE / 127
  /** Largest ‖r‖ and ‖S·q‖ over all rows put so far. */
  #residual = 0
  #codeNorm = 0
  #columns = 1
  #probes: Probe[] = []

  static async open(memory: MatrixMemory, length: number): Promise<ByteProduct> {
    const graph = new Graph('byte-product')
    const rows = graph.input('rows', ['n', length], 'uint8')
    const probes = graph.input('probes', [length, 'b'], 'int8')
    const scores = graph.node('MatMulInteger', [rows, probes])
    graph.output('scores', scores, ['n', 'b'], 'int32')
    return new ByteProduct(memory, length, await openSession(graph.toBytes(), 1))
  }

  private constructor(memory: MatrixMemory, length: number, session: InferenceSession) {
    this.#memory = memory
    this.#length = length
    this.#session = session
    this.#mean = new Float32Array(length)
    this.#codes = memory.take(length * MOST_PROBES)
    this.#floors = memory.take(MOST_PROBES * 4)
    this.#scores = memory.take(BLOCK_ROWS * MOST_PROBES * 4)
  }

  /** Fits the code to `vectors`; to be called before any row is put. */
  fit(vectors: readonly Float32Array[]): void {
    if (vectors.length === 0) return
    const mean = new Float32Array(this.#length)
    for (const vector of vectors) {
      for (let k = 0; k < this.#length; k++) mean[k]! += vector[k]! / vectors.length
    }
    let widest = 0
    for (const vector of vectors) {
      for (let k = 0; k < this.#length; k++)
        widest = Math.max(widest, Math.abs(vector[k]! - mean[k]!))
    }
    this.#mean = mean
    this.#step = Math.max(widest, 1e-3) / 127
  }

  grow(): void {
    const at = this.#memory.take(BLOCK_ROWS * this.#length)
    this.#memory.bytes(at, BLOCK_ROWS * this.#length).fill(ZERO)
    this.#blocks.push(at)
  }

  put(row: number, vector: Float32Array): void {
    const codes = this.#codesOf(row)
    let [residual, size] = [0, 0]
    for (let k = 0; k < this.#length; k++) {
      const value = vector[k]! - this.#mean[k]!
      const code = Math.min(127, Math.max(-128, Math.round(value / this.#step)))
      codes[k] = code + ZERO
      residual += (value - code * this.#step) ** 2
      size += (code * this.#step) ** 2
    }
    this.#residual = Math.max(this.#residual, Math.sqrt(residual))
    this.#codeNorm = Math.max(this.#codeNorm, Math.sqrt(size))
  }

  wipe(row: number): void {
    this.#codesOf(row).fill(ZERO)
  }

  begin(probes: readonly Float32Array[]): number {
    this.#columns = columnsFor(probes.length)
    const codes = this.#memory.signedBytes(this.#codes, this.#length * this.#columns).fill(0)
    this.#probes = probes.map((probe, column) => this.#encode(probe, codes, column))
    const floors = this.#memory.integers(this.#floors, MOST_PROBES)
    floors.fill(NEVER).fill(ALWAYS, 0, probes.length)
    if (this.#columns === 1) floors.fill(ALWAYS, 0, 4)
    return this.#columns
  }

  async multiply(block: number, rows: number): Promise<number> {
    const [length, columns] = [this.#length, this.#columns]
    const bytes = this.#memory.bytes(this.#blocks[block]!, rows * length)
    const codes = this.#memory.signedBytes(this.#codes, length * columns)
    const scores = this.#memory.integers(this.#scores, rows * columns)
    await this.#session.run(
      {
        rows: new Tensor('uint8', bytes, [rows, length]),
        probes: new Tensor('int8', codes, [length, columns]),
      },
      { scores: new Tensor('int32', scores, [rows, columns]) },
    )
    return this.#scores
  }

  floor(probe: number, floor: number): void {
    const { offset, scale, shift, error } = this.#probes[probe]!
    const score = Math.floor((floor - error - offset) / scale + shift)
    const bounded = Math.max(ALWAYS, Math.min(NEVER, score))
    const floors = this.#memory.integers(this.#floors, MOST_PROBES)
    if (this.#columns === 1) floors.fill(bounded, 0, 4)
    else floors[probe] = bounded
  }

  scan(scores: number, row: number, rows: number, hits: number, capacity: number): number {
    const { scanIntegers } = this.#memory.kernels
    return scanIntegers(scores, row, rows, Math.max(4, this.#columns), this.#floors, hits, capacity)
  }

  #codesOf(row: number): Uint8Array {
    const at = this.#blocks[Math.floor(row / BLOCK_ROWS)]! + (row % BLOCK_ROWS) * this.#length
    return this.#memory.bytes(at, this.#length)
  }

  #encode(probe: Float32Array, codes: Int8Array, column: number): Probe {
    const widest = probe.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6)
    const step = widest / PROBE_RANGE
    let [left, sum] = [0, 0]
    for (let k = 0; k < this.#length; k++) {
      const code = Math.round(probe[k]! / step)
      codes[k * this.#columns + column] = code
      left += (probe[k]! - code * step) ** 2
      sum += code
    }
    return {
      offset: similarity(this.#mean, probe),
      scale: this.#step * step,
      shift: ZERO * sum,
      error: this.#codeNorm * Math.sqrt(left) + this.#residual * norm(probe) + ROUNDING,
    }
  }
}
