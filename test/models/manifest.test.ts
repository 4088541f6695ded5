import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile, ensureCompiled } from '@vedette/models/compile/compile'
import {
  type BuiltInRow,
  findModel,
  graphFile,
  readManifest,
  readVerified,
  verifySource,
} from '@vedette/models/manifest'
import { tfjsRuntime } from '@vedette/models/runtime/tfjs'
import { IntegrityFault } from '@vedette/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rejectionOf, thrownBy } from '../support/thrown.ts'

const rows = await readManifest()
const ids = rows.map(({ id }) => id)
const tiny = findModel(rows, 'detect', 'tiny-face-detector')

/** `row` as it would read had its published weights changed by a byte. */
function withOtherWeights(row: BuiltInRow): BuiltInRow {
  const file = Object.keys(row.source.files).find((name) => name.endsWith('.bin'))!
  const files = { ...row.source.files, [file]: 'f'.repeat(64) }
  return { ...row, source: { ...row.source, files } }
}

describe('the manifest', () => {
  it('names each model once, with its licence and where it comes from', () => {
    expect(new Set(ids).size).toBe(rows.length)
    for (const { licence, notice, source } of rows) {
      expect(licence).toMatch(/^(MIT|Apache-2\.0|CC0-1\.0)$/)
      expect(notice).toContain(source.package)
      expect(Object.keys(source.files)).toContain(source.weights)
    }
  })

  it.each(ids)('agrees with the published weights of %s', async (id) => {
    await verifySource(rows.find((row) => row.id === id)!)
  })

  it.each(ids)('agrees with what %s compiles to, byte for byte', async (id) => {
    const row = rows.find((candidate) => candidate.id === id)!
    const { bytes, sha256 } = await compile(row)
    expect(sha256).toBe(row.sha256)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(row.sha256)
    expect(Buffer.compare(bytes, await readFile(graphFile(row)))).toBe(0)
  })
})

describe('findModel', () => {
  it('finds a row by task and id', () => {
    expect(findModel(rows, 'embed', 'dlib-resnet29-1').length).toBe(128)
  })

  it.each([
    [
      'detect',
      'retina',
      'choose one of: tiny-face-detector, ssd-mobilenet-v1, ssd-mobilenet-v1-256',
    ],
    ['embed', 'tiny-face-detector', 'choose one of: dlib-resnet29-1'],
    ['landmarks', '', 'choose one of: landmarks-68'],
  ] as const)('has no %s model "%s", and says which it has', (task, id, hint) => {
    const error = thrownBy(() => findModel(rows, task, id), IntegrityFault)
    expect(error.code).toBe('model.unknown')
    expect(error.hint).toBe(hint)
  })
})

describe('a model file', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-models-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('is read when it is what the manifest says', async () => {
    const bytes = await readVerified(graphFile(tiny), tiny.sha256)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(tiny.sha256)
  })

  it.each([
    ['with one bit changed', (bytes: Buffer) => flip(bytes)],
    ['cut short by a byte', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['with a byte behind it', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)])],
    ['that is empty', () => Buffer.alloc(0)],
  ])('%s is refused', async (_what, change) => {
    const file = join(folder, 'changed.onnx')
    await writeFile(file, change(await readFile(graphFile(tiny))))
    const error = await rejectionOf(readVerified(file, tiny.sha256), IntegrityFault)
    expect(error.code).toBe('model.changed')
    expect(error.message).toContain(tiny.sha256)
    expect(error.hint).toContain('npm run setup')
  })

  it('that is not there is missed, with what to do', async () => {
    const file = join(folder, 'nowhere.onnx')
    const error = await rejectionOf(readVerified(file, tiny.sha256), IntegrityFault)
    expect(error.code).toBe('model.missing')
    expect(error.message).toContain(file)
    expect(error.hint).toBe('run: npm run setup')
  })
})

describe('published weights that changed', () => {
  it('are refused by the check, the compiler and the tfjs runtime', async () => {
    const changed = withOtherWeights(tiny)
    const runtime = await tfjsRuntime()
    for (const attempt of [verifySource, compile, runtime.open]) {
      expect((await rejectionOf(attempt(changed), IntegrityFault)).code).toBe('model.changed')
    }
  })
})

describe('ensureCompiled', () => {
  it('leaves a right file alone', async () => {
    for (const row of rows) expect(await ensureCompiled(row)).toBe(false)
  })

  it('refuses to write what the manifest does not say', async () => {
    const row = { ...tiny, sha256: '0'.repeat(64) }
    const error = await rejectionOf(ensureCompiled(row), IntegrityFault)
    expect(error.code).toBe('model.changed')
    expect(error.message).toContain(tiny.sha256)
    await readVerified(graphFile(tiny), tiny.sha256)
  })

  it('has no architecture for a file that is not face-api’s', async () => {
    const error = await rejectionOf(compile({ ...tiny, file: 'other.onnx' }), IntegrityFault)
    expect(error.code).toBe('model.unsupported')
  })
})

function flip(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  changed[bytes.length >> 1]! ^= 1
  return changed
}
