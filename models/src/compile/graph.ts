import { PbfWriter } from 'pbf'

/*
 * ONNX as bytes: the part of onnx.proto3 that a feed-forward graph needs.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 (field numbers).
 */

const IR_VERSION = 8
const OPSET = 17
const TYPES = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const

/** Type of a tensor's elements. */
export type ElementType = keyof typeof TYPES

/** A size in a tensor's shape: a number, or the name of a size known only when run. */
export type Dimension = number | string

/** Attribute values: integers, lists of integers, or text; a float is wrapped to tell it apart. */
export type Attribute = number | number[] | string | { float: number }

/** A tensor of the graph under construction, by name. */
export type Value = string

type Node = { op: string; inputs: Value[]; outputs: Value[]; attributes: Record<string, Attribute> }
type Constant = { name: string; shape: number[]; data: Float32Array | BigInt64Array }
type Port = { name: string; shape: Dimension[]; type: ElementType }

/** An ONNX graph under construction: each call adds a node and names its result. */
export class Graph {
  readonly #name: string
  readonly #nodes: Node[] = []
  readonly #constants: Constant[] = []
  readonly #inputs: Port[] = []
  readonly #outputs: Port[] = []

  constructor(name: string) {
    this.#name = name
  }

  input(name: string, shape: Dimension[], type: ElementType = 'float'): Value {
    this.#inputs.push({ name, shape, type })
    return name
  }

  /** Makes `value` an output under `name`. */
  output(name: string, value: Value, shape: Dimension[], type: ElementType = 'float'): void {
    this.#nodes.push({ op: 'Identity', inputs: [value], outputs: [name], attributes: {} })
    this.#outputs.push({ name, shape, type })
  }

  constant(data: Float32Array | BigInt64Array, shape: number[]): Value {
    const name = `c${this.#constants.length}`
    this.#constants.push({ name, shape, data })
    return name
  }

  /** A constant list of integers, as shapes and paddings are given. */
  integers(values: number[]): Value {
    return this.constant(BigInt64Array.from(values.map(BigInt)), [values.length])
  }

  node(op: string, inputs: Value[], attributes: Record<string, Attribute> = {}): Value {
    const output = `${op.toLowerCase()}${this.#nodes.length}`
    this.#nodes.push({ op, inputs, outputs: [output], attributes })
    return output
  }

  /** The model as an ONNX file. Equal calls give equal bytes. */
  toBytes(): Uint8Array {
    const writer = new PbfWriter()
    writer.writeVarintField(1, IR_VERSION)
    writer.writeStringField(2, 'vedette')
    writer.writeMessage(7, writeGraph, {
      name: this.#name,
      nodes: this.#nodes,
      constants: this.#constants,
      inputs: this.#inputs,
      outputs: this.#outputs,
    })
    writer.writeMessage(8, (version, w) => w.writeVarintField(2, version), OPSET)
    return writer.finish()
  }
}

type GraphParts = {
  name: string
  nodes: Node[]
  constants: Constant[]
  inputs: Port[]
  outputs: Port[]
}

function writeGraph(graph: GraphParts, writer: PbfWriter): void {
  for (const node of graph.nodes) writer.writeMessage(1, writeNode, node)
  writer.writeStringField(2, graph.name)
  for (const constant of graph.constants) writer.writeMessage(5, writeTensor, constant)
  for (const port of graph.inputs) writer.writeMessage(11, writePort, port)
  for (const port of graph.outputs) writer.writeMessage(12, writePort, port)
}

function writeNode(node: Node, writer: PbfWriter): void {
  for (const input of node.inputs) writer.writeStringField(1, input)
  for (const output of node.outputs) writer.writeStringField(2, output)
  writer.writeStringField(3, node.outputs[0]!)
  writer.writeStringField(4, node.op)
  for (const entry of Object.entries(node.attributes)) writer.writeMessage(5, writeAttribute, entry)
}

function writeAttribute([name, value]: [string, Attribute], writer: PbfWriter): void {
  writer.writeStringField(1, name)
  if (typeof value === 'number') {
    writer.writeVarintField(3, value)
    writer.writeVarintField(20, 2)
  } else if (typeof value === 'string') {
    writer.writeStringField(4, value)
    writer.writeVarintField(20, 3)
  } else if (Array.isArray(value)) {
    for (const item of value) writer.writeVarintField(8, item)
    writer.writeVarintField(20, 7)
  } else {
    writer.writeFloatField(2, value.float)
    writer.writeVarintField(20, 1)
  }
}

function writeTensor({ name, shape, data }: Constant, writer: PbfWriter): void {
  for (const size of shape) writer.writeVarintField(1, size)
  writer.writeVarintField(2, data instanceof Float32Array ? TYPES.float : TYPES.int64)
  writer.writeStringField(8, name)
  writer.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

function writePort(port: Port, writer: PbfWriter): void {
  writer.writeStringField(1, port.name)
  writer.writeMessage(2, writeType, port)
}

function writeType(port: Port, writer: PbfWriter): void {
  writer.writeMessage(
    1,
    ({ type, shape }, tensor) => {
      tensor.writeVarintField(1, TYPES[type])
      tensor.writeMessage(2, writeShape, shape)
    },
    port,
  )
}

function writeShape(shape: Dimension[], writer: PbfWriter): void {
  for (const size of shape) {
    writer.writeMessage(
      1,
      (value, dimension) => {
        if (typeof value === 'number') dimension.writeVarintField(1, value)
        else dimension.writeStringField(2, value)
      },
      size,
    )
  }
}
