import type { Attribute, Graph, Value } from './graph.ts'
import type { Weight } from './weights.ts'

/** Padding in pixels: top, left, bottom, right. */
export type Padding = [number, number, number, number]

export const NO_PADDING: Padding = [0, 0, 0, 0]
export const ONE_PIXEL: Padding = [1, 1, 1, 1]

/** TensorFlow's `same` padding for one size: the odd pixel goes behind. */
export function samePadding(size: number, kernel: number, stride: number): Padding {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0)
  const before = Math.floor(total / 2)
  return [before, before, total - before, total - before]
}

type Convolution = {
  /** Filters as stored, HWIO (depthwise: HWC1). */
  filters: Weight
  /** One bias an output channel. */
  bias: Float32Array
  stride?: number
  padding?: Padding
  depthwise?: boolean
  /** Multiplies each output channel's filters (not its bias). */
  scale?: Float32Array
}

/** A convolution on NCHW with its filters brought from HWIO to OIHW. */
export function convolution(graph: Graph, x: Value, options: Convolution): Value {
  const { filters, bias, stride = 1, padding = NO_PADDING, depthwise = false, scale } = options
  const [height, width, a, b] = filters.shape as [number, number, number, number]
  const outputs = depthwise ? a : b
  const inputs = depthwise ? 1 : a
  const data = new Float32Array(filters.data.length)
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let k = 0; k < height * width; k++) {
        const from = depthwise ? k * a + o : (k * a + i) * b + o
        data[(o * inputs + i) * height * width + k] = filters.data[from]! * (scale?.[o] ?? 1)
      }
    }
  }
  const attributes: Record<string, Attribute> = {
    kernel_shape: [height, width],
    strides: [stride, stride],
    pads: padding,
    group: depthwise ? outputs : 1,
  }
  const kernel = graph.constant(data, [outputs, inputs, height, width])
  return graph.node('Conv', [x, kernel, graph.constant(bias, [outputs])], attributes)
}

/** Depthwise then pointwise convolution, the bias on the second. */
export function separableConvolution(
  graph: Graph,
  x: Value,
  weights: { depthwise: Weight; pointwise: Weight; bias: Float32Array },
  options: { stride?: number; padding: Padding },
): Value {
  const channels = weights.depthwise.shape[2]!
  const bias = new Float32Array(channels)
  const spread = convolution(graph, x, {
    filters: weights.depthwise,
    bias,
    depthwise: true,
    ...options,
  })
  return convolution(graph, spread, { filters: weights.pointwise, bias: weights.bias })
}

/** Folds `(x − mean) · scale` into the first convolution; exact where it does not pad. */
export function foldInput(
  filters: Weight,
  bias: Float32Array,
  mean: readonly [number, number, number],
  scale: number,
): { filters: Weight; bias: Float32Array } {
  const [height, width, inputs, outputs] = filters.shape as [number, number, number, number]
  const data = filters.data.map((value) => value * scale)
  const shifted = Float64Array.from(bias)
  for (let k = 0; k < height * width; k++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        shifted[o]! -= mean[i as 0 | 1 | 2] * data[(k * inputs + i) * outputs + o]!
      }
    }
  }
  return { filters: { shape: filters.shape, data }, bias: Float32Array.from(shifted) }
}

/** `(x − mean) · scale` as nodes of their own, where the first convolution pads. */
export function normalisedInput(
  graph: Graph,
  x: Value,
  mean: readonly [number, number, number],
  scale: number,
): Value {
  const centred = graph.node('Sub', [x, graph.constant(Float32Array.from(mean), [1, 3, 1, 1])])
  return graph.node('Mul', [centred, graph.constant(Float32Array.of(scale), [1])])
}

/** Clips to 0 … 6. */
export function relu6(graph: Graph, x: Value): Value {
  const [low, high] = [
    graph.constant(Float32Array.of(0), []),
    graph.constant(Float32Array.of(6), []),
  ]
  return graph.node('Clip', [x, low, high])
}
