import { createRequire } from 'node:module'
import { IntegrityFault, messageOf } from '@vedette/shared/errors'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { type ModelRow, readGraph } from '../manifest.ts'
import type { Network, Runtime, Tensor } from './runtime.ts'

const require = createRequire(import.meta.url)

/** onnxruntime on the CPU. `threads` computes one network at a time on that many. */
export function onnxRuntime(threads: number): Runtime {
  const { version } = require('onnxruntime-node/package.json') as { version: string }
  return {
    name: 'onnx',
    description: `onnxruntime ${version} (CPU, ${threads} thread${threads === 1 ? '' : 's'})`,
    async open(row) {
      const bytes = await readGraph(row)
      const session = await openSession(bytes, threads).catch((cause) => {
        throw unsupported(row, messageOf(cause), cause)
      })
      return networkOf(session, row)
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

function networkOf(session: InferenceSession, row: ModelRow): Network {
  const [input, ...more] = session.inputMetadata
  if (input === undefined || !input.isTensor || input.type !== 'float32' || more.length > 0) {
    throw unsupported(row, 'a model here has one input, of float32')
  }
  const [batch, channels, height, width] = input.shape.map(fixed)
  if (input.shape.length !== 4 || (channels !== undefined && channels !== 3)) {
    throw unsupported(row, `its input is [${input.shape}], [N, 3, H, W] wanted`)
  }
  const runAll = async ({ data, shape }: Tensor) => {
    const outputs = await session.run({ [input.name]: new OrtTensor('float32', data, shape) })
    return Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => [name, toTensor(tensor)]),
    )
  }
  return {
    input: { height, width },
    run: batch === 1 ? oneByOne(runAll) : runAll,
    close: () => session.release(),
  }
}

/** For networks that take one picture at a time: the outputs one behind the other. */
function oneByOne(run: Network['run']): Network['run'] {
  return async ({ data, shape }) => {
    const [count, ...one] = shape as [number, ...number[]]
    if (count === 1) return run({ data, shape })
    const size = data.length / count
    const parts: Record<string, Tensor>[] = []
    for (let i = 0; i < count; i++) {
      parts.push(await run({ data: data.slice(i * size, (i + 1) * size), shape: [1, ...one] }))
    }
    return Object.fromEntries(
      Object.entries(parts[0]!).map(([name, first]) => {
        const joined = new Float32Array(first.data.length * count)
        for (const [i, part] of parts.entries()) {
          joined.set(part[name]!.data, i * first.data.length)
        }
        return [name, { data: joined, shape: [count, ...first.shape.slice(1)] }]
      }),
    )
  }
}

/** The size of a dimension; undefined where it is known only when run. */
function fixed(size: number | string): number | undefined {
  return typeof size === 'number' && size > 0 ? size : undefined
}

function unsupported({ id }: ModelRow, what: string, cause?: unknown): IntegrityFault {
  return new IntegrityFault('model.unsupported', `${id} cannot be run: ${what}`, {
    cause,
    hint: 'a model is an ONNX file with one input of planes, float32 [N, 3, H, W]',
  })
}

function toTensor(tensor: OrtTensor): Tensor {
  return { data: tensor.data as Float32Array, shape: [...tensor.dims] }
}
