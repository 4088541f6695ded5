import { Graph, type Value } from '@vedette/models/compile/graph'

/** What the stand-in says of a face at a bright blue cell: size in cells, and its five points. */
export const CELLS = { width: 6, height: 7 }
export const POINTS = [-1, -1, 1, -1, 0, 0, -0.8, 1.2, 0.8, 1.2] as const
const OFFSET = [0.25, 0.5] as const

/**
 * A graph with YuNet's names and shapes that takes any cell of `stride` for a face which is blue, and
 * nothing else; the network's sure `side`, or any multiple of 32. It computes with what it is shown:
 * a picture with red and blue exchanged, or put elsewhere, gives other faces.
 */
export function yunetStandIn(side: number | undefined, stride: 8 | 16 | 32): Uint8Array {
  const graph = new Graph('yunet')
  const sizes = side === undefined ? ['height', 'width'] : [side, side]
  const input = graph.input('input', [1, 3, ...sizes])
  const blue = graph.node('Gather', [input, graph.integers([0])], { axis: 1 })
  const rest = graph.node('Gather', [input, graph.integers([2])], { axis: 1 })
  const bluer = graph.node('Sub', [blue, rest])
  const share = graph.node('Mul', [bluer, graph.constant(Float32Array.of(1 / 200), [1])])
  for (const each of [8, 16, 32]) {
    const kernel = { kernel_shape: [each, each], strides: [each, each] }
    const pooled = graph.node('AveragePool', [share], kernel)
    const row = graph.node('Reshape', [pooled, graph.integers([1, -1, 1])])
    const seen = each === stride ? row : graph.node('Mul', [row, zero(graph)])
    const size = [Math.log(CELLS.width), Math.log(CELLS.height)]
    graph.output(`cls_${each}`, seen, [1, 'n', 1])
    graph.output(`obj_${each}`, seen, [1, 'n', 1])
    graph.output(`bbox_${each}`, spread(graph, row, [...OFFSET, ...size]), [1, 'n', 4])
    graph.output(`kps_${each}`, spread(graph, row, [...POINTS]), [1, 'n', 10])
  }
  return graph.toBytes()
}

/** The face that the stand-in sees in the cell with its left top corner at x and y, pixels. */
export function faceAt(x: number, y: number, stride: number) {
  const [width, height] = [CELLS.width * stride, CELLS.height * stride]
  const [cx, cy] = [x + OFFSET[0] * stride, y + OFFSET[1] * stride]
  return {
    box: { x: cx - width / 2, y: cy - height / 2, width, height },
    points: [0, 2, 4, 6, 8].map((k) => ({
      x: x + POINTS[k]! * stride,
      y: y + POINTS[k + 1]! * stride,
    })),
  }
}

/** The same `values` for every row. */
function spread(graph: Graph, row: Value, values: number[]): Value {
  const nothing = graph.node('Mul', [row, zero(graph)])
  return graph.node('Add', [
    nothing,
    graph.constant(Float32Array.from(values), [1, 1, values.length]),
  ])
}

function zero(graph: Graph): Value {
  return graph.constant(Float32Array.of(0), [1])
}
