import type { Kind } from '@vedette/scripts/bench/hostile/kind'
import { KINDS } from '@vedette/scripts/bench/hostile/kinds'
import { Watch } from '@vedette/scripts/bench/hostile/processes'
import { makeStage } from '@vedette/scripts/bench/hostile/stage'
import { type Outcome, tryKind, wrongWith } from '@vedette/scripts/bench/hostile/trial'
import { beforeAll, describe, expect, it } from 'vitest'
import { ffmpegHere } from '../../support/agent-ffmpeg.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'

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

const STALL_MS = 4000
const HOSTILE_MS = 3000
const PATIENCE_MS = 90_000
/** A machine that is busy with other tests is slow; the bench holds it to fifteen seconds. */
const MOST = { recoveryMs: PATIENCE_MS, bytes: 512e6 }

/** What became of each; all are met at the same time, as most of it is waiting. */
const outcomes = new Map<string, Outcome>()

beforeAll(async () => {
  await using folder = await TemporaryFolder.make()
  await using stage = await makeStage(folder.path)
  using processes = new Watch()
  const options = {
    ...{ folder: folder.path, ffmpeg: ffmpegHere, processes },
    ...{ stall: STALL_MS, hostileMs: HOSTILE_MS, patienceMs: PATIENCE_MS },
  }
  const trials = HERE.map((name) => tryKind(kindOf(name), stage, options))
  for (const outcome of await Promise.all(trials)) outcomes.set(outcome.name, outcome)
  expect(await stage.canaryRead()).not.toBe(true)
})

function kindOf(name: string): Kind {
  return KINDS.find((one) => one.name === name)!
}

describe('a camera loop lives through a source that', () => {
  it.each(HERE)('is %s, names the fault, and recovers', (name) => {
    const outcome = outcomes.get(name)!
    expect(wrongWith(kindOf(name), outcome, MOST), JSON.stringify(outcome)).toEqual([])
  })
})

describe('the table of hostile sources', () => {
  it('has no two kinds of one name, and more than forty', () => {
    expect(new Set(KINDS.map(({ name }) => name)).size).toBe(KINDS.length)
    expect(KINDS.length).toBeGreaterThan(40)
  })
})
