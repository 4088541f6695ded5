import { Graph, type Value } from './graph.ts'
import { convolution, foldInput, NO_PADDING, ONE_PIXEL, type Padding } from './layers.ts'
import type { Weights } from './weights.ts'

/** Side of the chip the network reads, pixels. */
const SIZE = 150
const MEAN = [122.782, 117.001, 104.298] as const

/**
 * dlib's face recognition ResNet-29 as carried by face-api.
 * pixels [N, 3, 150, 150] RGB 0 … 255 → descriptor [N, 128], not normalised.
 * Sources: @vladmandic/face-api 1.7.15, src/faceRecognitionNet; D. King,
 * "High Quality Face Recognition with Deep Metric Learning", dlib blog, 2017.
 */
export function faceRecognition(weights: Weights): Graph {
  const graph = new Graph('face-recognition')
  const pixels = graph.input('pixels', ['batch', 3, SIZE, SIZE])
  const descriptor = describeChip(graph, pixels, weights)
  graph.output('descriptor', descriptor, ['batch', weights('fc').shape[1]!])
  return graph
}

/** The network itself: from chips to descriptors, within `graph`. */
export function describeChip(graph: Graph, pixels: Value, weights: Weights): Value {
  const net = new ResNet(graph, weights)
  let x = net.relu(net.entry(pixels))
  x = graph.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2] })
  let size = 35
  for (const name of ['conv32_1', 'conv32_2', 'conv32_3']) x = net.residual(x, name)
  for (const width of [64, 128, 256]) {
    const channels = width / 2
    x = net.residualDown(x, `conv${width}_down`, size, channels, width)
    size = Math.floor(size / 2)
    const repeats = width === 64 ? 3 : 2
    for (let i = 1; i <= repeats; i++) x = net.residual(x, `conv${width}_${i}`)
  }
  x = net.residualDown(x, 'conv256_down_out', size, 256, 256)
  x = graph.node('GlobalAveragePool', [x])
  x = graph.node('Flatten', [x], { axis: 1 })
  const fc = weights('fc')
  return graph.node('MatMul', [x, graph.constant(fc.data, fc.shape)])
}

class ResNet {
  readonly #graph: Graph
  readonly #weights: Weights

  constructor(graph: Graph, weights: Weights) {
    this.#graph = graph
    this.#weights = weights
  }

  relu(x: Value): Value {
    return this.#graph.node('Relu', [x])
  }

  entry(pixels: Value): Value {
    const { filters, bias, scale } = this.#layer('conv32_down')
    const folded = foldInput(scaled(filters, scale), bias, MEAN, 1 / 255)
    return convolution(this.#graph, pixels, { ...folded, stride: 2 })
  }

  residual(x: Value, name: string): Value {
    const inner = this.relu(this.#convolution(x, `${name}/conv1`, 1, ONE_PIXEL))
    const outer = this.#convolution(inner, `${name}/conv2`, 1, ONE_PIXEL)
    return this.relu(this.#graph.node('Add', [outer, x]))
  }

  /**
   * Halves the picture. The short cut is a 2×2 mean, widened by zero channels; where the valid
   * convolution comes out one pixel smaller than the mean, it is filled up with zeros.
   */
  residualDown(x: Value, name: string, size: number, inputs: number, outputs: number): Value {
    const inner = this.relu(this.#convolution(x, `${name}/conv1`, 2, NO_PADDING))
    let outer = this.#convolution(inner, `${name}/conv2`, 1, ONE_PIXEL)
    const pooled = Math.floor(size / 2)
    const convolved = Math.floor((size - 3) / 2) + 1
    if (convolved < pooled) outer = this.#pad(outer, [0, 0, 0, 0, 0, 0, 1, 1])
    let short = this.#graph.node('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] })
    if (inputs < outputs) short = this.#pad(short, [0, 0, 0, 0, 0, outputs - inputs, 0, 0])
    return this.relu(this.#graph.node('Add', [outer, short]))
  }

  #pad(x: Value, pads: number[]): Value {
    return this.#graph.node('Pad', [x, this.#graph.integers(pads)])
  }

  #convolution(x: Value, name: string, stride: number, padding: Padding): Value {
    return convolution(this.#graph, x, { ...this.#layer(name), stride, padding })
  }

  /** Convolution and per-channel scale as one: s · (w ∗ x + b) + t = (s · w) ∗ x + (s · b + t). */
  #layer(name: string) {
    const scale = this.#weights(`${name}/scale/weights`).data
    const shift = this.#weights(`${name}/scale/biases`).data
    const bias = this.#weights(`${name}/conv/bias`).data
    return {
      filters: this.#weights(`${name}/conv/filters`),
      bias: bias.map((value, channel) => value * scale[channel]! + shift[channel]!),
      scale,
    }
  }
}

function scaled(filters: { shape: number[]; data: Float32Array }, scale: Float32Array) {
  return { shape: filters.shape, data: filters.data.map((v, i) => v * scale[i % scale.length]!) }
}
