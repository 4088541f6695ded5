import { Graph, type Value } from './graph.ts'
import { convolution, foldInput, ONE_PIXEL, separableConvolution } from './layers.ts'
import type { Weights } from './weights.ts'

/** Channel means of the training pictures, RGB 0 … 255. */
export const MEAN = [117.001, 114.697, 97.404] as const
/** Five anchors a cell; each gives x, y, width, height and a score. */
const OUTPUT_CHANNELS = 25

/**
 * face-api's tiny YOLO v2 with separable convolutions.
 * pixels [1, 3, H, W] RGB 0 … 255, H and W multiples of 32 → grid [1, 25, H/32, W/32].
 * Source: @vladmandic/face-api 1.7.15, src/tinyYolov2/TinyYolov2Base.ts, runMobilenet.
 */
export function tinyFaceDetector(weights: Weights): Graph {
  const graph = new Graph('tiny-face-detector')
  const pixels = graph.input('pixels', ['batch', 3, 'height', 'width'])
  const first = foldInput(weights('conv0/filters'), weights('conv0/bias').data, MEAN, 1 / 255)
  let x = leaky(graph, convolution(graph, pixels, first))
  for (const layer of ['conv1', 'conv2', 'conv3', 'conv4', 'conv5']) {
    x = halve(graph, x, 2)
    const separable = {
      depthwise: weights(`${layer}/depthwise_filter`),
      pointwise: weights(`${layer}/pointwise_filter`),
      bias: weights(`${layer}/bias`).data,
    }
    x = leaky(graph, separableConvolution(graph, x, separable, { padding: ONE_PIXEL }))
  }
  x = halve(graph, x, 1)
  x = convolution(graph, x, { filters: weights('conv8/filters'), bias: weights('conv8/bias').data })
  graph.output('grid', x, ['batch', OUTPUT_CHANNELS, 'rows', 'columns'])
  return graph
}

function leaky(graph: Graph, x: Value): Value {
  return graph.node('LeakyRelu', [x], { alpha: { float: 0.10000000149011612 } })
}

function halve(graph: Graph, x: Value, stride: 1 | 2): Value {
  return graph.node('MaxPool', [x], {
    kernel_shape: [2, 2],
    strides: [stride, stride],
    auto_pad: 'SAME_UPPER',
  })
}
