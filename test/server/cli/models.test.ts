import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeJpeg } from '@vedette/models/picture'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { portraitOf } from '../../support/agent-faces.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { behindArcface, permuted } from '../../support/models-installed.ts'
import { run } from '../../support/server-cli.ts'

const folder = await TemporaryFolder.make()
const home = join(folder.path, 'home')
const file = join(folder.path, 'brought.onnx')
const carried = join(folder.path, 'carried.onnx')
const models = (...args: string[]) =>
  run(['--home', home, 'models', ...args], { env: { TMPDIR: folder.path } })

beforeAll(async () => {
  await mkdir(home)
  await writeFile(file, (await behindArcface()).bytes)
  await writeFile(carried, 'not the published file')
})

afterAll(() => folder[Symbol.asyncDispose]())

const ADDED = ['--id', 'mine', '--licence', 'CC0-1.0', '--alignment', 'arcface-5']
const RANGE = ['--length', '128', '--order', 'bgr', '--mean', '127.5', '--scale', '0.0078125']

describe('vedette models', () => {
  it('lists what ships, and says when no server answers', async () => {
    const { status, out, err } = await models('list')
    expect(status).toBe(0)
    expect(out).toMatch(/dlib-resnet29-1 +embed +CC0-1\.0 +128 +yes +- +built in/)
    expect(out).toMatch(/tiny-face-detector +detect +MIT +- +- +- +built in/)
    expect(err).toContain('what the server uses is not known')
  })

  it('adds, lists and verifies a model of the operator, said by flags', async () => {
    const added = await models('add', file, ...ADDED, ...RANGE, '--json')
    expect([added.status, added.err]).toEqual([
      0,
      expect.stringContaining('vedette models calibrate mine'),
    ])
    expect(JSON.parse(added.out)).toEqual([
      { id: 'mine', task: 'embed', file: join(home, 'models', 'brought.onnx'), licence: 'CC0-1.0' },
    ])
    const { out } = await models('list', '--json')
    expect(JSON.parse(out)).toContainEqual(
      expect.objectContaining({
        id: 'mine',
        length: 128,
        calibrated: false,
        builtIn: false,
        use: null,
      }),
    )
    const verified = await models('verify', 'mine', '--json')
    const [report] = JSON.parse(verified.out) as { same: number; different: number }[]
    expect(report).toMatchObject({ id: 'mine', task: 'embed', length: 128 })
    expect(report!.same).toBeGreaterThan(report!.different)
  })

  it('adds one said by a row in a file, and never the same file under another name', async () => {
    const { row, bytes } = await permuted('by-row')
    const [rowFile, onnx] = [join(folder.path, 'row.json'), join(folder.path, 'by-row.onnx')]
    await writeFile(rowFile, JSON.stringify(row))
    await writeFile(onnx, bytes)
    expect((await models('add', onnx, '--row', rowFile)).status).toBe(0)
    const again = await models('add', onnx, '--row', rowFile, '--id', 'renamed')
    expect([again.status, again.err]).toEqual([6, expect.stringContaining('[model.exists]')])
    const { out } = await models('list', '--json')
    expect(JSON.parse(out)).toContainEqual(
      expect.objectContaining({ id: 'by-row', calibrated: true }),
    )
  })

  it.each([
    ['a row that is incomplete', ['add', file, '--id', 'x'], 7, 'model.invalid'],
    ['a file that is not there', ['add', join(folder.path, 'no.onnx')], 3, 'model.not-found'],
    ['a model that nobody published', ['install', 'retina'], 3, 'model.not-found'],
    ['a carried file that is another', ['install', 'yunet', '--from', carried], 7, 'model.changed'],
    ['a model that is not there', ['verify', 'nothing'], 3, 'model.not-found'],
    ['a row that is no JSON', ['add', file, '--row', carried], 7, 'model.invalid'],
  ])('refuses %s', async (_what, args, status, code) => {
    const ran = await models(...args)
    expect([ran.status, ran.out, ran.err]).toEqual([
      status,
      '',
      expect.stringContaining(`[${code}]`),
    ])
    expect(await readdir(join(home, 'models'))).not.toContain('face_detection_yunet_2023mar.onnx')
  })

  it('says what to do where the network is closed', async () => {
    // A proxy that is not there is as closed as a network can be.
    const env = { HTTPS_PROXY: 'http://127.0.0.1:9' }
    const { status, out, err } = await run(['--home', home, 'models', 'install', 'yunet'], { env })
    expect([status, out]).toEqual([1, ''])
    expect(err).toContain('[model.unreachable]')
    expect(err).toContain('--from FILE')
  })

  it('finds that a model with wrong numbers does not recognise, and where to look', async () => {
    const { bytes } = await behindArcface('wrong')
    const onnx = join(folder.path, 'wrong.onnx')
    await writeFile(onnx, bytes)
    const range = ['--length', '128', '--mean', '1e38', '--scale', '10']
    const flags = ['--id', 'wrong', '--licence', 'CC0-1.0', '--alignment', 'arcface-5']
    expect((await models('add', onnx, ...flags, ...range)).status).toBe(0)
    const { status, err } = await models('verify', 'wrong')
    expect([status, err]).toEqual([7, expect.stringContaining('[model.unfit]')])
  })

  it('takes an installed embedder for an evaluation, and needs people enough to calibrate one', async () => {
    const images = join(folder.path, 'faces')
    for (const [name, person, side] of [
      ['woman/1', 'woman', 110],
      ['woman/2', 'woman', 80],
      ['man/1', 'man', 110],
    ] as const) {
      await mkdir(join(images, name, '..'), { recursive: true })
      await writeFile(join(images, `${name}.jpg`), await encodeJpeg(await portraitOf(person, side)))
    }
    const env = { env: { TMPDIR: folder.path } }
    const evaluate = ['--home', home, 'evaluate', 'identify', '--images', images, '--json']
    const ran = await run([...evaluate, '--model', 'mine'], env)
    expect(ran.status).toBe(0)
    expect(JSON.parse(ran.out).lists[0]).toMatchObject({ size: 1, rank1: 1 })
    const unknown = await run([...evaluate, '--model', 'retina'], env)
    expect(unknown.err).toContain('[model.unknown]')
    const few = await models('calibrate', 'mine', '--images', images)
    expect([few.status, few.err]).toEqual([7, expect.stringContaining('[evaluate.too-few]')])
  })
})
