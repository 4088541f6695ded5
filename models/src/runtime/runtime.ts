import type { ModelRow } from '../manifest.ts'

/** Numbers in rows: `shape` from the slowest dimension to the fastest. */
export type Tensor = { data: Float32Array; shape: number[] }

/** A network ready to run. Inputs are planes: [N, 3, H, W], RGB 0 … 255. */
export type Network = {
  /** Runs a batch; gives the outputs by the names in the manifest. */
  run(pixels: Tensor): Promise<Record<string, Tensor>>
  close(): Promise<void>
}

/** What executes networks. */
export type Runtime = {
  readonly name: RuntimeName
  /** Where the computing happens, for reports: library, version, backend. */
  readonly description: string
  /** Throws IntegrityFault `model.*` where the files are not what the manifest says. */
  open(row: ModelRow): Promise<Network>
}

export type RuntimeName = 'onnx' | 'tfjs'
