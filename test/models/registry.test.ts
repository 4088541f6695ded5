import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findModel } from '@vedette/models/manifest'
import { type Face, Models, openEmbedder } from '@vedette/models/models'
import { installModel, parseRow, readModels } from '@vedette/models/registry'
import { verifyModel } from '@vedette/models/verify'
import { findPublished } from '@vedette/models/zoo'
import { norm, similarity } from '@vedette/shared/embedding'
import { IntegrityFault, Refusal } from '@vedette/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import {
  type Brought,
  behindArcface,
  CALIBRATION,
  install,
  permuted,
} from '../support/models-installed.ts'
import { samplePicture } from '../support/models-samples.ts'
import { rejectionOf, thrownBy } from '../support/thrown.ts'

let temporary: TemporaryFolder
let folder: string
let other: Brought
let arcface: Brought

beforeAll(async () => {
  temporary = await TemporaryFolder.make()
  folder = join(temporary.path, 'models')
  ;[other, arcface] = await Promise.all([permuted(), behindArcface()])
  await install(folder, other)
  await install(folder, arcface)
})

afterAll(() => temporary[Symbol.asyncDispose]())

const using = () => ({ runtime: 'onnx', threads: 1, folder }) as const

describe('installed models', () => {
  it('are one registry with those that ship', async () => {
    const ids = (await readModels(folder)).map(({ id }) => id)
    expect(ids).toEqual([
      ...(await readModels(undefined)).map(({ id }) => id),
      'permuted',
      'behind-arcface',
    ])
  })

  it('can be installed twice, which changes nothing', async () => {
    const before = await readFile(join(folder, 'installed.json'), 'utf8')
    await install(folder, arcface)
    expect(JSON.parse(await readFile(join(folder, 'installed.json'), 'utf8'))).toEqual(
      JSON.parse(before),
    )
  })

  it('keep their calibration when they are installed again', async () => {
    await using place = await TemporaryFolder.make()
    const { row, bytes } = other
    await installModel(place.path, row, bytes)
    const { calibration: _none, ...plain } = row as Extract<typeof row, { task: 'embed' }>
    await installModel(place.path, plain, bytes)
    const [again] = (await readModels(place.path)).filter(({ id }) => id === row.id)
    expect(again).toMatchObject({ calibration: CALIBRATION })
  })

  it('are refused with a wrong hash or size, and nothing is left', async () => {
    await using empty = await TemporaryFolder.make()
    const { row, bytes } = other
    const changed = Uint8Array.from(bytes)
    changed[changed.length >> 1]! ^= 1
    const wrongSize = installModel(empty.path, { ...row, bytes: row.bytes + 1 }, bytes)
    expect((await rejectionOf(wrongSize, Refusal)).code).toBe('model.changed')
    const wrongHash = await rejectionOf(installModel(empty.path, row, changed), Refusal)
    expect(wrongHash).toMatchObject({
      code: 'model.changed',
      hint: expect.stringContaining('nothing was installed'),
    })
    expect(await readdir(empty.path)).toEqual([])
  })

  it('never take the id or the file of another', async () => {
    const { row, bytes } = arcface
    for (const taken of [
      { ...row, id: 'dlib-resnet29-1' },
      { ...row, id: other.row.id },
      { ...row, id: 'new-one', file: other.row.file },
    ]) {
      expect((await rejectionOf(installModel(folder, taken, bytes), Refusal)).code).toBe(
        'model.exists',
      )
    }
  })

  it('are missed, or found changed, when they are opened', async () => {
    await using place = await TemporaryFolder.make()
    await install(place.path, other)
    const file = join(place.path, other.row.file)
    const open = () => openEmbedder('permuted', { ...using(), folder: place.path })
    await writeFile(file, (await readFile(file)).fill(0, 1000, 1001))
    expect((await rejectionOf(open(), IntegrityFault)).code).toBe('model.changed')
    await writeFile(
      join(place.path, 'installed.json'),
      JSON.stringify([{ ...other.row, file: 'no.onnx' }]),
    )
    expect((await rejectionOf(open(), IntegrityFault)).code).toBe('model.missing')
  })

  it.each([
    ['that is no JSON', '[{'],
    ['with a row that is wrong', '[{"id":"x"}]'],
    ['that leaves its folder', JSON.stringify([{ id: 'x', file: '../x.onnx' }])],
  ])('are not read from a manifest %s', async (_what, text) => {
    await using place = await TemporaryFolder.make()
    await writeFile(join(place.path, 'installed.json'), text)
    expect(await rejectionOf(readModels(place.path), IntegrityFault)).toMatchObject({
      code: 'model.manifest',
      message: expect.stringContaining('installed.json'),
    })
  })

  it('are named once in a manifest', async () => {
    await using place = await TemporaryFolder.make()
    await writeFile(join(place.path, 'installed.json'), JSON.stringify([other.row, other.row]))
    expect((await rejectionOf(readModels(place.path), IntegrityFault)).message).toContain(
      'two models permuted',
    )
  })
})

describe('a manifest row from outside', () => {
  it.each([
    ['an id with a slash', { id: 'a/b' }],
    ['a file elsewhere', { file: '../../etc/passwd.onnx' }],
    ['a hash that is none', { sha256: 'abc' }],
    ['a size of nothing', { bytes: 0 }],
    ['an unknown alignment', { alignment: 'mtcnn' }],
    ['one key too many', { source: {} }],
    ['two means', { mean: [1, 2] }],
  ])('is refused with %s', (_what, change) => {
    const error = thrownBy(() => parseRow({ ...other.row, ...change }), Refusal)
    expect(error.code).toBe('model.invalid')
    expect(error.message).toContain(
      Object.keys(change)[0] === 'source' ? 'source' : Object.keys(change)[0],
    )
  })
})

describe('an embedder of another space', () => {
  let models: Models
  let faces: Face[]

  beforeAll(async () => {
    models = await Models.open(using())
    const picture = await samplePicture(5)
    faces = await models.look(
      picture,
      await models.detect(picture, { inputs: [416], minScore: 0.5 }),
    )
  })
  afterAll(() => models[Symbol.asyncDispose]())

  it('tells the same people apart, and has nothing in common with the first space', async () => {
    const picture = await samplePicture(5)
    await using second = await openEmbedder('permuted', using())
    const [ours, theirs] = [
      await models.probes(picture, faces),
      await models.probes(picture, faces, second),
    ]
    for (const [i, one] of ours.entries()) {
      for (const [k, two] of ours.entries()) {
        expect(similarity(theirs[i]!, theirs[k]!)).toBeCloseTo(similarity(one, two), 4)
      }
      expect(similarity(one, theirs[i]!)).toBeLessThan(0.5)
    }
  })

  it('sees through five points, one chip at a time, BGR and scaled, what the first sees through 68', async () => {
    const picture = await samplePicture(5)
    await using second = await openEmbedder('behind-arcface', using())
    const [ours, theirs] = [
      await models.probes(picture, faces),
      await models.probes(picture, faces, second),
    ]
    expect(theirs).toHaveLength(5)
    for (const [i, one] of ours.entries()) {
      expect(norm(theirs[i]!)).toBeCloseTo(1, 5)
      for (const [k, two] of theirs.entries()) {
        if (i === k) expect(similarity(one, two)).toBeGreaterThan(0.97)
        else expect(similarity(one, two)).toBeLessThan(0.95)
      }
    }
  })

  it('takes over while the models are open, and is closed with them', async () => {
    const picture = await samplePicture(5)
    await using taken = await Models.open(using())
    const probes = taken.probes(picture, faces)
    await using before = taken.adopt(await openEmbedder('permuted', using()))
    expect([before.space, taken.space]).toEqual(['dlib-resnet29-1', 'permuted'])
    const [first] = await probes
    const [second] = await taken.probes(picture, faces)
    const [again] = await models.probes(picture, faces)
    expect(similarity(first!, again!)).toBeCloseTo(1, 5)
    expect(similarity(second!, again!)).toBeLessThan(0.5)
  })

  it('is refused where its chip or its length is not what the row says', async () => {
    await using place = await TemporaryFolder.make()
    const open = async (change: object) => {
      await writeFile(
        join(place.path, 'installed.json'),
        JSON.stringify([{ ...other.row, ...change }]),
      )
      const embedder = await openEmbedder('permuted', { ...using(), folder: place.path })
      return embedder.embed([embedder.chip(await samplePicture(5), faces[0]!.landmarks)], {
        mirror: false,
      })
    }
    await install(place.path, other)
    for (const change of [{ size: 112 }, { length: 512 }]) {
      expect(await rejectionOf(open(change), IntegrityFault)).toMatchObject({
        code: 'model.unsupported',
        hint: expect.stringContaining(Object.keys(change)[0]!),
      })
    }
  })
})

describe('verifyModel', () => {
  it.each(['dlib-resnet29-1', 'permuted', 'behind-arcface'])(
    'finds that %s recognises',
    async (id) => {
      const row = findModel(await readModels(folder), 'embed', id)
      const verified = await verifyModel(row, using())
      expect(verified).toMatchObject({ id, task: 'embed', length: 128 })
      if (verified.task === 'embed') expect(verified.same).toBeGreaterThan(verified.different)
    },
  )

  it.each(['tiny-face-detector', 'ssd-mobilenet-v1'])('finds that %s finds faces', async (id) => {
    const row = findModel(await readModels(folder), 'detect', id)
    expect(await verifyModel(row, using())).toEqual({ id, task: 'detect', found: 5, of: 5 })
  })

  it('refuses an embedder to which everybody is the same, and one that sees nothing', async () => {
    await using place = await TemporaryFolder.make()
    for (const [scale, code] of [
      [0, 'model.unfit'],
      [1e37, 'model.unfit'],
    ] as const) {
      const brought = { ...other, row: { ...other.row, scale } as Brought['row'] }
      await install(place.path, brought)
      const row = findModel(await readModels(place.path), 'embed', 'permuted')
      const verified = verifyModel(row, { ...using(), folder: place.path })
      expect((await rejectionOf(verified, Refusal)).code).toBe(code)
    }
  })
})

describe('the published models', () => {
  it('are those of the OpenCV Zoo, by size and hash', async () => {
    expect((await findPublished('yunet')).row).toMatchObject({
      bytes: 232_589,
      sha256: '8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4',
      decoder: 'yunet',
    })
    expect((await findPublished('sface')).row).toMatchObject({
      bytes: 38_696_353,
      sha256: '0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79',
      alignment: 'arcface-5',
      size: 112,
      length: 128,
    })
    expect((await rejectionOf(findPublished('retina'), Refusal)).hint).toContain('yunet, sface')
  })
})
