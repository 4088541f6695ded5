import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { IntegrityFault } from '@vedette/shared/errors'
import {
  type BuiltInRow,
  graphFile,
  readVerified,
  sourceFolder,
  verifySource,
} from '../manifest.ts'
import { faceRecognition } from './face-recognition.ts'
import type { Graph } from './graph.ts'
import { landmarks68 } from './landmarks-68.ts'
import { ssdMobilenetV1 } from './ssd-mobilenet-v1.ts'
import { tinyFaceDetector } from './tiny-face-detector.ts'
import { readWeights, type Weights } from './weights.ts'

const ARCHITECTURES: Record<string, (weights: Weights) => Graph> = {
  'face-recognition': faceRecognition,
  'landmarks-68': landmarks68,
  'ssd-mobilenet-v1': (weights) => ssdMobilenetV1(weights),
  'ssd-mobilenet-v1-256': (weights) => ssdMobilenetV1(weights, 256),
  'tiny-face-detector': tinyFaceDetector,
}

/** The ONNX file of `row`, compiled from its published weights, and its SHA-256. */
export async function compile(row: BuiltInRow): Promise<{ bytes: Uint8Array; sha256: string }> {
  await verifySource(row)
  const name = row.file.replace(/\.onnx$/, '')
  const architecture = ARCHITECTURES[name]
  if (architecture === undefined) {
    throw new IntegrityFault('model.unsupported', `no architecture named ${name}`)
  }
  const weights = await readWeights(join(sourceFolder(row), row.source.weights))
  const bytes = architecture(weights).toBytes()
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** Compiles `row` where its file is not there or not right. Says whether it had to. */
export async function ensureCompiled(row: BuiltInRow): Promise<boolean> {
  const file = graphFile(row)
  const there = await readVerified(file, row.sha256).catch(() => undefined)
  if (there !== undefined) return false
  const { bytes, sha256 } = await compile(row)
  if (sha256 !== row.sha256) {
    throw new IntegrityFault(
      'model.changed',
      `${row.id} compiles to SHA-256 ${sha256}, manifest says ${row.sha256}`,
      {
        hint: 'the compiler changed: node models/dist/compile/main.js --print, then mend manifest.json',
      },
    )
  }
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.part`, bytes)
  await rename(`${file}.part`, file)
  return true
}
