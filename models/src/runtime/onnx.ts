import { createRequire } from 'node:module'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { graphFile, readVerified } from '../manifest.ts'
import type { Runtime, Tensor } from './runtime.ts'

const require = createRequire(import.meta.url)

/** onnxruntime on the CPU. `threads` computes one network at a time on that many. */
export function onnxRuntime(threads: number): Runtime {
  const { version } = require('onnxruntime-node/package.json') as { version: string }
  return {
    name: 'onnx',
    description: `onnxruntime ${version} (CPU, ${threads} thread${threads === 1 ? '' : 's'})`,
    async open(row) {
      const session = await openSession(await readVerified(graphFile(row), row.sha256), threads)
      const [input] = session.inputNames
      return {
        async run({ data, shape }) {
          const outputs = await session.run({ [input!]: new OrtTensor('float32', data, shape) })
          return Object.fromEntries(
            Object.entries(outputs).map(([name, tensor]) => [name, toTensor(tensor)]),
          )
        },
        close: () => session.release(),
      }
    },
  }
}

/** A session over the ONNX file in `bytes`, on the CPU, with every graph optimisation. */
export function openSession(bytes: Uint8Array, threads: number): Promise<InferenceSession> {
  return InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  })
}

function toTensor(tensor: OrtTensor): Tensor {
  return { data: tensor.data as Float32Array, shape: [...tensor.dims] }
}
