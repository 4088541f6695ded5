import { KINDS } from '@vedette/scripts/bench/hostile/kinds'
import { Watch } from '@vedette/scripts/bench/hostile/processes'
import { makeStage, type Stage } from '@vedette/scripts/bench/hostile/stage'
import { tryKind, wrongWith } from '@vedette/scripts/bench/hostile/trial'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ffmpegHere } from '../support/agent-ffmpeg.ts'
import { TemporaryFolder } from '../support/certs-deployment.ts'

/** The whole table, with the time that it takes, is `npm run bench -- hostile`. */
const HERE = [
  'RTSP: headers without end',
  'RTSP: an SDP of a thousand streams',
  'RTSP: redirect to a file',
  'RTSP: lies about the length',
  'RTSP: a picture of 16,384 × 16,384',
  'RTSP: silent after PLAY',
  'RTSP: time that jumps by hours',
  'RTSP: a size that changes with every picture group',
  'HTTP: redirect to a file',
  'HTTP: a play-list of files',
  'HTTP: a PNG that unpacks to a gigabyte',
  'HTTP: parts of two gigabytes',
  'HTTP: half-open',
  'file: a list of files for ffmpeg',
  'device that is missing',
  'ffmpeg stopped',
  'ffmpeg killed',
]

const STALL_MS = 2000
const HOSTILE_MS = 3000
const PATIENCE_MS = 12_000
const MOST = { recoveryMs: PATIENCE_MS, bytes: 512e6 }

let folder: TemporaryFolder
let stage: Stage & AsyncDisposable
let processes: Watch

beforeAll(async () => {
  folder = await TemporaryFolder.make()
  stage = await makeStage(folder.path)
  processes = new Watch()
})

afterAll(async () => {
  processes[Symbol.dispose]()
  await stage[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

describe.concurrent('a camera loop lives through a source that', () => {
  it.each(HERE)('is %s, names the fault, and recovers', { timeout: 60_000 }, async (name) => {
    const kind = KINDS.find((one) => one.name === name)!
    const outcome = await tryKind(kind, stage, {
      ...{ folder: folder.path, ffmpeg: ffmpegHere, processes },
      ...{ stall: STALL_MS, hostileMs: HOSTILE_MS, patienceMs: PATIENCE_MS },
    })
    expect(wrongWith(kind, outcome, MOST), JSON.stringify(outcome)).toEqual([])
  })
})

describe('the table of hostile sources', () => {
  it('has no two kinds of one name, and more than forty', () => {
    expect(new Set(KINDS.map(({ name }) => name)).size).toBe(KINDS.length)
    expect(KINDS.length).toBeGreaterThan(40)
  })
})
