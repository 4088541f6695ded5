import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** One weight of a network: its shape as stored (HWIO for filters) and its values. */
export type Weight = { shape: number[]; data: Float32Array }

/** Reads weights by name; asking for one that is not there throws. */
export type Weights = (name: string) => Weight

const quantization = z.object({
  dtype: z.enum(['uint8', 'uint16']),
  scale: z.number(),
  min: z.number(),
})
const manifestSchema = z.array(
  z.object({
    paths: z.array(z.string()),
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.number().int()),
        dtype: z.enum(['float32', 'int32']),
        quantization: quantization.optional(),
      }),
    ),
  }),
)

/**
 * Reads a tfjs weight manifest and its shards; quantised weights become `q · scale + min`.
 * Source: https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/io_utils.ts
 */
export async function readWeights(manifestFile: string): Promise<Weights> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(manifestFile, 'utf8')))
  const weights = new Map<string, Weight>()
  for (const group of manifest) {
    const shards = group.paths.map((path) => readFile(join(dirname(manifestFile), path)))
    const bytes = Buffer.concat(await Promise.all(shards))
    let at = 0
    for (const { name, shape, dtype, quantization: q } of group.weights) {
      const count = shape.reduce((product, size) => product * size, 1)
      const width = q === undefined ? 4 : q.dtype === 'uint8' ? 1 : 2
      const data = new Float32Array(count)
      for (let i = 0; i < count; i++) {
        const offset = at + i * width
        if (q !== undefined) {
          const stored = width === 1 ? bytes.readUInt8(offset) : bytes.readUInt16LE(offset)
          data[i] = stored * q.scale + q.min
        } else {
          data[i] = dtype === 'float32' ? bytes.readFloatLE(offset) : bytes.readInt32LE(offset)
        }
      }
      at += count * width
      weights.set(name, { shape, data })
    }
    if (at !== bytes.length)
      throw new RangeError(`${manifestFile}: ${bytes.length - at} bytes left over`)
  }
  return (name) => {
    const weight = weights.get(name)
    if (weight === undefined) throw new RangeError(`${manifestFile}: no weight ${name}`)
    return weight
  }
}
