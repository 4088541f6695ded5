import { Graph, type Value } from './graph.ts'
import { convolution, normalisedInput, samePadding, separableConvolution } from './layers.ts'
import type { Weights } from './weights.ts'

/** Side of the square the network reads, pixels. */
const SIZE = 112
const MEAN = [122.782, 117.001, 104.298] as const

/**
 * face-api's 68-point network: four dense blocks and one fully connected layer.
 * pixels [N, 3, 112, 112] RGB 0 … 255 → points [N, 136], x and y in turn, 0 … 1 of the square.
 * Source: @vladmandic/face-api 1.7.15, src/faceFeatureExtractor, src/faceProcessor.
 */
export function landmarks68(weights: Weights): Graph {
  const graph = new Graph('landmarks-68')
  const pixels = graph.input('pixels', ['batch', 3, SIZE, SIZE])
  let x = normalisedInput(graph, pixels, MEAN, 1 / 255)
  let size = SIZE
  for (const block of ['dense0', 'dense1', 'dense2', 'dense3']) {
    x = denseBlock(graph, weights, x, block, size)
    size = Math.ceil(size / 2)
  }
  x = graph.node('AveragePool', [x], { kernel_shape: [7, 7], strides: [2, 2] })
  x = graph.node('Flatten', [x], { axis: 1 })
  const fc = { weights: weights('fc/weights'), bias: weights('fc/bias').data }
  x = graph.node('Gemm', [
    x,
    graph.constant(fc.weights.data, fc.weights.shape),
    graph.constant(fc.bias, [fc.bias.length]),
  ])
  graph.output('points', x, ['batch', 136])
  return graph
}

/** Each step sees the sum of all before it. */
function denseBlock(graph: Graph, weights: Weights, x: Value, block: string, size: number): Value {
  const separable = (input: Value, step: number, stride: number, inputSize: number) =>
    separableConvolution(
      graph,
      input,
      {
        depthwise: weights(`${block}/conv${step}/depthwise_filter`),
        pointwise: weights(`${block}/conv${step}/pointwise_filter`),
        bias: weights(`${block}/conv${step}/bias`).data,
      },
      { stride, padding: samePadding(inputSize, 3, stride) },
    )
  const down =
    block === 'dense0'
      ? convolution(graph, x, {
          filters: weights(`${block}/conv0/filters`),
          bias: weights(`${block}/conv0/bias`).data,
          stride: 2,
          padding: samePadding(size, 3, 2),
        })
      : separable(x, 0, 2, size)
  const half = Math.ceil(size / 2)
  let sum = graph.node('Relu', [down])
  let input = sum
  for (const step of [1, 2, 3]) {
    sum = graph.node('Add', [sum, separable(input, step, 1, half)])
    input = graph.node('Relu', [sum])
  }
  return input
}
