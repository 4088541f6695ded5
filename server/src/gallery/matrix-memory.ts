import { readFileSync } from 'node:fs'

/** See kernels/search.ts. Pointers are byte offsets into `memory`. */
export type SearchKernels = {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  scanFloats: Scan
  scanIntegers: Scan
  compare(
    hits: number,
    count: number,
    lanes: number,
    columns: number,
    rows: number,
    probes: number,
    least: number,
    length: number,
  ): number
}

type Scan = (
  scores: number,
  row: number,
  rows: number,
  columns: number,
  floors: number,
  hits: number,
  capacity: number,
) => number

/** Node has it; neither its types nor the ECMAScript library declare it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: unknown }
}

const PAGE = 65_536
const ALIGNMENT = 64

/**
 * Memory that JavaScript, the WebAssembly kernels and onnxruntime all work in, so that nothing is
 * copied between them. Grows only; a view must not be kept across `take`.
 */
export class MatrixMemory {
  readonly kernels: SearchKernels
  #end = 1024
  /** Counts growth: views and tensors made under an older generation are void. */
  generation = 0

  constructor() {
    const bytes = readFileSync(new URL('../../dist/search.wasm', import.meta.url))
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    this.kernels = instance.exports as SearchKernels
  }

  /** Reserves `bytes` and returns where. */
  take(bytes: number): number {
    const at = this.#end
    this.#end = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT
    const missing = this.#end - this.kernels.memory.buffer.byteLength
    if (missing > 0) {
      this.kernels.memory.grow(Math.ceil(missing / PAGE))
      this.generation++
    }
    return at
  }

  floats(at: number, count: number): Float32Array {
    return new Float32Array(this.kernels.memory.buffer, at, count)
  }

  integers(at: number, count: number): Int32Array {
    return new Int32Array(this.kernels.memory.buffer, at, count)
  }

  signedBytes(at: number, count: number): Int8Array {
    return new Int8Array(this.kernels.memory.buffer, at, count)
  }

  bytes(at: number, count: number): Uint8Array {
    return new Uint8Array(this.kernels.memory.buffer, at, count)
  }
}
