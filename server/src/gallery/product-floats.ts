import { Graph } from '@vedette/models/compile/graph'
import { openSession } from '@vedette/models/runtime/onnx'
import { type InferenceSession, Tensor } from 'onnxruntime-node'
import type { MatrixMemory } from './matrix-memory.ts'
import { BLOCK_ROWS, columnsFor, MOST_PROBES, type Product } from './product.ts'

/** What rounding may take from a sum of products of unit vectors. */
const ROUNDING = 1e-5

/** Scores are similarities: one float32 matrix product by onnxruntime. */
export class FloatProduct implements Product {
  readonly #memory: MatrixMemory
  readonly #length: number
  readonly #session: InferenceSession
  readonly #blocks: number[] = []
  readonly #probes: number
  readonly #floors: number
  readonly #scores: number
  #columns = 1

  static async open(memory: MatrixMemory, length: number): Promise<FloatProduct> {
    const graph = new Graph('float-product')
    const rows = graph.input('rows', ['n', length])
    const probes = graph.input('probes', [length, 'b'])
    graph.output('scores', graph.node('MatMul', [rows, probes]), ['n', 'b'])
    return new FloatProduct(memory, length, await openSession(graph.toBytes(), 1))
  }

  private constructor(memory: MatrixMemory, length: number, session: InferenceSession) {
    this.#memory = memory
    this.#length = length
    this.#session = session
    this.#probes = memory.take(length * MOST_PROBES * 4)
    this.#floors = memory.take(MOST_PROBES * 4)
    this.#scores = memory.take(BLOCK_ROWS * MOST_PROBES * 4)
  }

  grow(): void {
    this.#blocks.push(this.#memory.take(BLOCK_ROWS * this.#length * 4))
  }

  put(row: number, vector: Float32Array): void {
    this.#memory.floats(this.at(row), this.#length).set(vector)
  }

  wipe(row: number): void {
    this.#memory.floats(this.at(row), this.#length).fill(0)
  }

  /** Where the vector of `row` lies. */
  at(row: number): number {
    return this.#blocks[Math.floor(row / BLOCK_ROWS)]! + (row % BLOCK_ROWS) * this.#length * 4
  }

  begin(probes: readonly Float32Array[]): number {
    this.#columns = columnsFor(probes.length)
    const columns = this.#columns
    const transposed = this.#memory.floats(this.#probes, this.#length * columns).fill(0)
    for (const [column, probe] of probes.entries()) {
      for (let k = 0; k < this.#length; k++) transposed[k * columns + column] = probe[k]!
    }
    const floors = this.#memory.floats(this.#floors, MOST_PROBES)
    floors.fill(Number.POSITIVE_INFINITY).fill(Number.NEGATIVE_INFINITY, 0, probes.length)
    if (columns === 1) floors.fill(Number.NEGATIVE_INFINITY, 0, 4)
    return columns
  }

  async multiply(block: number, rows: number): Promise<number> {
    const [length, columns] = [this.#length, this.#columns]
    const vectors = this.#memory.floats(this.#blocks[block]!, rows * length)
    const probes = this.#memory.floats(this.#probes, length * columns)
    const scores = this.#memory.floats(this.#scores, rows * columns)
    await this.#session.run(
      {
        rows: new Tensor('float32', vectors, [rows, length]),
        probes: new Tensor('float32', probes, [length, columns]),
      },
      { scores: new Tensor('float32', scores, [rows, columns]) },
    )
    return this.#scores
  }

  floor(probe: number, similarity: number): void {
    const floors = this.#memory.floats(this.#floors, MOST_PROBES)
    if (this.#columns === 1) floors.fill(similarity - ROUNDING, 0, 4)
    else floors[probe] = similarity - ROUNDING
  }

  scan(scores: number, row: number, rows: number, hits: number, capacity: number): number {
    const { scanFloats } = this.#memory.kernels
    return scanFloats(scores, row, rows, Math.max(4, this.#columns), this.#floors, hits, capacity)
  }
}
