import { Graph, type Value } from './graph.ts'
import { convolution, normalisedInput, relu6, samePadding } from './layers.ts'
import type { Weights } from './weights.ts'

/** Side of the square that the network was trained with, pixels. */
const TRAINED = 512
const BATCH_NORM_EPSILON = 0.0010000000474974513
/** Depthwise layers that halve the picture. */
const HALVING: ReadonlySet<number> = new Set([2, 4, 6, 12])
/** Of each feature map: pixels from cell to cell, and boxes a cell. */
const MAPS = [
  { pitch: 16, boxes: 3 },
  { pitch: 32, boxes: 6 },
  { pitch: 64, boxes: 6 },
  { pitch: 128, boxes: 6 },
  { pitch: 256, boxes: 6 },
  { pitch: 512, boxes: 6 },
]

/**
 * face-api's SSD MobileNet v1, for squares of `side` pixels, a power of two: at 256 it reads a quarter
 * of the cells, whose boxes measure as many pixels, and has no map whose boxes are larger than that.
 * pixels [1, 3, 512, 512] RGB 0 … 255 → boxes [5118, 4] (top, left, bottom, right, 0 … 1 of the
 * square) and scores [5118], 0 … 1.
 * Sources: @vladmandic/face-api 1.7.15, src/ssdMobilenetv1; W. Liu et al., "SSD: Single Shot
 * MultiBox Detector", ECCV 2016.
 */
export function ssdMobilenetV1(weights: Weights, side = TRAINED): Graph {
  const graph = new Graph('ssd-mobilenet-v1')
  const maps = MAPS.filter(({ pitch }) => pitch <= side)
  const net = new MobileNet(graph, weights)
  const pixels = graph.input('pixels', [1, 3, side, side])
  let x = net.full(normalisedInput(graph, pixels, [127.5, 127.5, 127.5], 1 / 127.5), side)
  let size = side / 2
  let eleventh = x
  for (let layer = 1; layer <= 13; layer++) {
    const stride = HALVING.has(layer) ? 2 : 1
    x = net.depthwise(x, layer, size, stride)
    size = Math.ceil(size / stride)
    x = net.pointwise(x, 'MobilenetV1', layer, size, 1)
    if (layer === 11) eleventh = x
  }
  const features = [eleventh, x]
  for (let layer = 0; features.length < maps.length; layer++) {
    const stride = layer % 2 === 0 ? 1 : 2
    x = net.pointwise(x, 'Prediction', layer, size, stride)
    size = Math.ceil(size / stride)
    if (stride === 2) features.push(x)
  }
  const encodings = features.map((map, i) => net.predict(map, i, 'BoxEncodingPredictor', 4))
  const classes = features.map((map, i) => net.predict(map, i, 'ClassPredictor', 3))
  const encoded = graph.node('Concat', encodings, { axis: 0 })
  const anchors = anchorsFor(side, weights('Output/extra_dim').data)
  const boxes = anchors.length / 4
  graph.output('boxes', decodeBoxes(graph, encoded, anchors), [boxes, 4])
  const logits = column(graph, graph.node('Concat', classes, { axis: 0 }), 1)
  const scores = graph.node('Sigmoid', [logits])
  graph.output('scores', graph.node('Reshape', [scores, graph.integers([-1])]), [boxes])
  return graph
}

class MobileNet {
  readonly #graph: Graph
  readonly #weights: Weights

  constructor(graph: Graph, weights: Weights) {
    this.#graph = graph
    this.#weights = weights
  }

  full(x: Value, size: number): Value {
    return this.pointwise(x, 'MobilenetV1', 0, size, 2)
  }

  pointwise(x: Value, part: string, layer: number, size: number, stride: number): Value {
    const filters = this.#weights(`${part}/Conv2d_${layer}_pointwise/weights`)
    const bias = this.#weights(`${part}/Conv2d_${layer}_pointwise/convolution_bn_offset`).data
    const padding = samePadding(size, filters.shape[0]!, stride)
    return relu6(this.#graph, convolution(this.#graph, x, { filters, bias, stride, padding }))
  }

  depthwise(x: Value, layer: number, size: number, stride: number): Value {
    const prefix = `MobilenetV1/Conv2d_${layer}_depthwise`
    const of = (name: string) => this.#weights(`${prefix}/BatchNorm/${name}`).data
    const [gamma, beta, mean, variance] = [
      of('gamma'),
      of('beta'),
      of('moving_mean'),
      of('moving_variance'),
    ]
    const scale = gamma.map((g, i) => g / Math.sqrt(variance[i]! + BATCH_NORM_EPSILON))
    const bias = beta.map((b, i) => b - mean[i]! * scale[i]!)
    const filters = this.#weights(`${prefix}/depthwise_weights`)
    const padding = samePadding(size, 3, stride)
    const options = { filters, bias, scale, stride, padding, depthwise: true }
    return relu6(this.#graph, convolution(this.#graph, x, options))
  }

  /** One row of `width` values a box, boxes in the order of TensorFlow's NHWC. */
  predict(x: Value, predictor: number, head: string, width: number): Value {
    const prefix = `Prediction/BoxPredictor_${predictor}/${head}`
    const filters = this.#weights(`${prefix}/weights`)
    const raw = convolution(this.#graph, x, {
      filters,
      bias: this.#weights(`${prefix}/biases`).data,
    })
    const rows = this.#graph.node('Transpose', [raw], { perm: [0, 2, 3, 1] })
    return this.#graph.node('Reshape', [rows, this.#graph.integers([-1, width])])
  }
}

/** Of the anchors for TRAINED pixels those of the cells that `side` pixels have, as shares of these. */
function anchorsFor(side: number, trained: Float32Array): Float32Array {
  const found: number[] = []
  let first = 0
  for (const { pitch, boxes } of MAPS) {
    const [all, cells] = [TRAINED / pitch, side / pitch]
    for (let row = 0; row < Math.floor(cells); row++) {
      const from = (first + row * all * boxes) * 4
      found.push(...trained.subarray(from, from + cells * boxes * 4))
    }
    first += all * all * boxes
  }
  return Float32Array.from(found, (share) => share * (TRAINED / side))
}

/** Anchors are top, left, bottom, right; encodings are dy, dx, dh, dw with variances 0.1 and 0.2. */
function decodeBoxes(graph: Graph, encoded: Value, anchors: Float32Array): Value {
  const count = anchors.length / 4
  const of = (compute: (top: number, left: number, bottom: number, right: number) => number) => {
    const data = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      const [top, left, bottom, right] = anchors.subarray(i * 4, i * 4 + 4) as unknown as number[]
      data[i] = compute(top!, left!, bottom!, right!)
    }
    return graph.constant(data, [count, 1])
  }
  const height = of((top, _left, bottom) => bottom - top)
  const width = of((_top, left, _bottom, right) => right - left)
  const centreY = of((top, _left, bottom) => top + (bottom - top) / 2)
  const centreX = of((_top, left, _bottom, right) => left + (right - left) / 2)
  const scalar = (value: number) => graph.constant(Float32Array.of(value), [1])
  const centre = (index: number, size: Value, anchor: Value) => {
    const offset = graph.node('Mul', [column(graph, encoded, index), scalar(1 / 10)])
    return graph.node('Add', [graph.node('Mul', [offset, size]), anchor])
  }
  const half = (index: number, size: Value) => {
    const grown = graph.node('Mul', [column(graph, encoded, index), scalar(1 / 5)])
    return graph.node('Mul', [graph.node('Mul', [graph.node('Exp', [grown]), size]), scalar(1 / 2)])
  }
  const [y, x] = [centre(0, height, centreY), centre(1, width, centreX)]
  const [halfHeight, halfWidth] = [half(2, height), half(3, width)]
  const corners = [
    graph.node('Sub', [y, halfHeight]),
    graph.node('Sub', [x, halfWidth]),
    graph.node('Add', [y, halfHeight]),
    graph.node('Add', [x, halfWidth]),
  ]
  return graph.node('Concat', corners, { axis: 1 })
}

/** Column `index` of a matrix, kept as [rows, 1]. */
function column(graph: Graph, matrix: Value, index: number): Value {
  return graph.node('Gather', [matrix, graph.integers([index])], { axis: 1 })
}
