import type { ModelRow } from '../manifest.ts'

/** Numbers in rows: `shape` from the slowest dimension to the fastest. */
export type Tensor = { data: Float32Array; shape: number[] }

/** A network ready to run. Inputs are planes: [N, 3, H, W]. */
export type Network = {
  /** What the input must measure; undefined where the network takes any. */
  readonly input: { height: number | undefined; width: number | undefined }
  /** Runs a batch, one by one where the network takes no more; gives the outputs by their names. */
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
