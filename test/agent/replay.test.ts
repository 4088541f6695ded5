import { join } from 'node:path'
import { CLIP_START, cameraNames } from '@vedette/agent/replay'
import { makeVideo, PASSER_BY } from '@vedette/scripts/demo/video'
import { EnvelopeReader, WELCOME_LIMIT } from '@vedette/shared/envelope'
import { type FromAgent, parseFromAgent } from '@vedette/shared/message'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildAgent, runAgent } from '../support/agent-cli.ts'
import { TemporaryFolder } from '../support/certs-deployment.ts'

const folder = await TemporaryFolder.make()
const clip = join(folder.path, 'passer-by.mp4')

beforeAll(async () => {
  await Promise.all([makeVideo(clip, PASSER_BY), buildAgent()])
})

afterAll(() => folder[Symbol.asyncDispose]())

function messagesIn(output: Buffer): FromAgent[] {
  const reader = new EnvelopeReader(WELCOME_LIMIT)
  const messages = [...reader.push(output)].map(parseFromAgent)
  reader.finish()
  return messages
}

describe('vedette-agent replay', () => {
  it('writes what an agent would send, in the time of the scene, the same each time', async () => {
    const args = ['replay', '--clip', clip, clip]
    const { code, output, stderr } = await runAgent(args)
    expect(code).toBe(0)
    const [hello, ...matches] = messagesIn(output)
    const cameras = ['passer-by', 'passer-by (2)']
    expect(hello).toMatchObject({ type: 'hello', cameras, sentAt: CLIP_START })
    const reports = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(reports.map(({ camera }) => camera)).toEqual(cameras)
    for (const { frames, skipped, seconds } of reports) {
      expect([frames, skipped]).toEqual([25, 0])
      expect(seconds).toBeCloseTo(5, 5)
    }
    const asked = (camera: string) =>
      matches.flatMap((match) => {
        if (match.type !== 'match' || match.camera !== camera) return []
        const { track, shot, capturedAt, box, probe } = match
        return [{ walk: track.split('/')[1], shot, at: capturedAt - CLIP_START, box, probe }]
      })
    expect(asked('passer-by').length).toBe(reports[0].questions)
    expect(asked('passer-by').length).toBeGreaterThan(0)
    expect(asked('passer-by (2)')).toEqual(asked('passer-by'))
    for (const { at } of asked('passer-by')) expect(at % 200).toBe(0)
  })

  it('looks as often as it is told', async () => {
    const { stderr } = await runAgent(['replay', '--clip', clip, '--fps', '2'])
    expect(JSON.parse(stderr)).toMatchObject({ frames: 10, seconds: 5 })
  })

  it.each([
    ['a file that is not there', ['--clip', '/no/such.mp4'], 'No such file'],
    ['a file that is no video', ['--clip', import.meta.filename], 'Invalid data'],
    ['no clip', [], '--clip'],
    ['a rate that no camera has', ['--clip', 'a.mp4', '--fps', '0'], 'above 0'],
  ])('refuses %s, and says so', async (_what, args, complaint) => {
    const { code, stderr } = await runAgent(['replay', ...args])
    expect(code).toBe(1)
    expect(stderr).toContain(complaint)
  })
})

describe('cameraNames', () => {
  it('are the names of the files, each once', () => {
    const clips = ['a/x.mp4', 'b/x.mkv', 'y.tar.mp4', 'c/x.mp4']
    expect(cameraNames(clips)).toEqual(['x', 'x (2)', 'y.tar', 'x (3)'])
  })
})
