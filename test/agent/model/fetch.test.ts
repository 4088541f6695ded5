import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelFetch } from '@vedette/agent/model/fetch'
import { openSpoken, rememberSpoken } from '@vedette/agent/model/spoken'
import type { EmbedderRow, InstalledRow } from '@vedette/models/manifest'
import type { Fetch } from '@vedette/shared/message'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { recordedLog } from '../../support/agent-log.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { CALIBRATION, install, permuted } from '../../support/models-installed.ts'

const FILE = Buffer.alloc(10_000, 'a model')
const PIECE = 4096
const SHA256 = createHash('sha256').update(FILE).digest('hex')
const ROW: InstalledRow = {
  id: 'offered',
  task: 'embed',
  file: 'offered.onnx',
  sha256: SHA256,
  bytes: FILE.length,
  licence: 'MIT',
  notice: '',
  alignment: 'dlib-68',
  size: 150,
  length: 128,
  order: 'rgb',
  mean: 0,
  scale: 1,
  calibration: CALIBRATION,
}

let folder: TemporaryFolder
let clock: ManualClock
let asked: Fetch[]
let ready: EmbedderRow[]
let log: ReturnType<typeof recordedLog>
let fetch: ModelFetch

beforeEach(async () => {
  folder = await TemporaryFolder.make()
  ;[clock, asked, ready, log] = [new ManualClock(), [], [], recordedLog()]
  fetch = newFetch()
  return () => folder[Symbol.asyncDispose]()
})

function newFetch(onReady = async (row: EmbedderRow) => void ready.push(row)): ModelFetch {
  return new ModelFetch({ folder: folder.path, clock, log: log.log, onReady })
}

const ask = (message: Fetch) => void asked.push(message)
const offer = (row: object = ROW) => fetch.offered(Buffer.from(JSON.stringify(row)), ask)
const files = async () => (await readdir(folder.path)).toSorted()
const refusals = () =>
  log.lines.filter(({ event }) => event === 'model.refused').map(({ code }) => code)

/** Answers what is asked for with `file`, at most `most` times. */
async function serve(file: Buffer = FILE, most = 100): Promise<void> {
  for (let i = 0; i < most; i++) {
    const { sha256, offset } = asked.at(-1)!
    const before = asked.length
    const data = file.subarray(offset, offset + PIECE)
    await fetch.piece({ type: 'piece', sha256, offset, data }, ask)
    if (asked.length === before) return
  }
}

describe('an offered model', () => {
  it('is fetched in order, piece by piece, and installed whole', async () => {
    await offer()
    await serve()
    expect(asked.map(({ offset }) => offset)).toEqual([0, 4096, 8192])
    expect(ready.map(({ id }) => id)).toEqual(['offered'])
    expect(await files()).toEqual(['installed.json', 'offered.onnx'])
    expect((await readFile(join(folder.path, 'offered.onnx'))).equals(FILE)).toBe(true)
  })

  it('goes on where a broken connection left it, even in another process', async () => {
    await offer()
    await serve(FILE, 1)
    await offer()
    expect(asked.at(-1)).toEqual({ type: 'fetch', sha256: SHA256, offset: 4096 })
    fetch = newFetch()
    await offer()
    expect(asked.at(-1)!.offset).toBe(4096)
    await serve()
    expect(ready).toHaveLength(1)
  })

  it('that is here already is spoken without asking', async () => {
    await offer()
    await serve()
    const before = asked.length
    await offer()
    expect([asked.length, ready.length]).toEqual([before, 2])
  })

  it.each([
    ['changed by a byte', (file: Buffer) => Buffer.concat([file.subarray(0, -1), Buffer.of(0)])],
    ['that goes on where it should end', (file: Buffer) => Buffer.concat([file, file])],
    ['that ends too early', (file: Buffer) => file.subarray(0, 5000)],
  ])(
    '%s is refused, nothing of it is kept, and it is not asked for at once',
    async (_what, change) => {
      await offer()
      await serve(change(FILE))
      expect(refusals()).toEqual(['model.changed'])
      expect([ready, await files()]).toEqual([[], []])
      const before = asked.length
      await offer()
      expect(asked).toHaveLength(before)
      clock.advance(3_600_001)
      await offer()
      expect(asked).toHaveLength(before + 1)
    },
  )

  it.each([
    ['that is no row', {}],
    ['for a file elsewhere', { ...ROW, file: '../../agent.yaml' }],
    ['of a detector', { ...ROW, task: 'detect', decoder: 'ssd' }],
    ['that nobody calibrated', { ...ROW, calibration: undefined }],
  ])('%s is refused', async (_what, row) => {
    await offer(row)
    expect(refusals()).toEqual(['model.invalid'])
    expect(asked).toEqual([])
  })

  it('never takes the place of a model that is there', async () => {
    await install(folder.path, await permuted())
    for (const change of [
      { id: 'dlib-resnet29-1' },
      { id: 'permuted' },
      { file: 'permuted.onnx' },
    ]) {
      fetch = newFetch()
      await offer({ ...ROW, ...change })
    }
    expect(refusals()).toEqual(['model.exists', 'model.exists', 'model.exists'])
    expect(asked).toEqual([])
  })

  it('that cannot be opened is refused like one that did not come', async () => {
    fetch = newFetch(async () => {
      throw new TypeError('no such operator')
    })
    await offer()
    await serve()
    expect(log.lines.some(({ event }) => event === 'model.refused')).toBe(true)
    await offer()
    expect(log.lines.filter(({ event }) => event === 'model.refused')).toHaveLength(1)
  })

  it('passes over pieces that it did not ask for', async () => {
    const piece = {
      type: 'piece',
      sha256: SHA256,
      offset: 0,
      data: FILE.subarray(0, PIECE),
    } as const
    await fetch.piece(piece, ask)
    await offer()
    await fetch.piece({ ...piece, offset: 4096 }, ask)
    await fetch.piece({ ...piece, sha256: '0'.repeat(64) }, ask)
    expect(asked).toHaveLength(1)
    await serve()
    expect(ready).toHaveLength(1)
  })
})

describe('what was spoken last', () => {
  it('is spoken again after a restart, and the built-in one where it is gone', async () => {
    const options = { folder: folder.path, runtime: 'onnx' } as const
    await install(folder.path, await permuted())
    await rememberSpoken(folder.path, 'permuted')
    await using first = await openSpoken(options, log.log)
    expect(first.space).toBe('permuted')
    await rememberSpoken(folder.path, 'gone')
    await using second = await openSpoken(options, log.log)
    expect(second.space).toBe('dlib-resnet29-1')
    expect(log.lines.at(-1)).toMatchObject({ event: 'model.unusable', code: 'model.unknown' })
  })
})
