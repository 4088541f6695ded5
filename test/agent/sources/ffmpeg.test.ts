import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FfmpegSource } from '@vedette/agent/sources/ffmpeg'
import type { FfmpegSourceConfig } from '@vedette/agent/sources/ffmpeg-input'
import { freePort } from '@vedette/scripts/free-port'
import { Unavailable } from '@vedette/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ffmpegHere, makeClip, makeTone } from '../../support/agent-ffmpeg.ts'
import { broken, framesOf, nobody, sizesOf } from '../../support/agent-frames.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'

let folder: TemporaryFolder
let clip: string

beforeAll(async () => {
  folder = await TemporaryFolder.make()
  clip = join(folder.path, 'clip.avi')
  await makeClip(clip, '320x240', 2)
})

afterAll(() => folder[Symbol.asyncDispose]())

function opened(config: FfmpegSourceConfig, fps = 5): FfmpegSource {
  return new FfmpegSource(config, { fps, stall: 10_000, ffmpeg: ffmpegHere })
}

function fast(path: string, fps = 5): FfmpegSource {
  return opened({ kind: 'file', path, pace: 'fast', loop: false }, fps)
}

describe.concurrent('FfmpegSource with the real ffmpeg', () => {
  it.each([
    [5, 10],
    [10, 20],
    [1, 2],
  ])('gives a clip of two seconds at %d frames a second as %d frames', async (fps, count) => {
    const frames = await framesOf(fast(clip, fps))
    expect(frames).toHaveLength(count)
    expect(new Set(sizesOf(frames))).toEqual(new Set(['320x240']))
    expect(frames.map(({ sceneTime }) => sceneTime)).toEqual(frames.map((_, i) => (i * 1000) / fps))
  })

  it('gives red, green and blue in this order', async () => {
    const file = join(folder.path, 'orange.avi')
    await makeClip(file, '64x48', 0.2, 'color=c=0xe08020:')
    const [first] = await framesOf(fast(file))
    const [red, green, blue] = first!.picture.data.subarray(3000)
    for (const [level, expected] of [
      [red, 0xe0],
      [green, 0x80],
      [blue, 0x20],
    ] as const) {
      expect(Math.abs(level! - expected)).toBeLessThan(12)
    }
  })

  it('scales a large picture down, and keeps its shape', async () => {
    const file = join(folder.path, 'large.avi')
    await makeClip(file, '2560x1200', 0.2)
    expect(sizesOf(await framesOf(fast(file)))).toEqual(['1920x900'])
  })

  it('leaves a small picture as it is', async () => {
    const file = join(folder.path, 'small.avi')
    await makeClip(file, '64x50', 0.2)
    expect(sizesOf(await framesOf(fast(file)))).toEqual(['64x50'])
  })

  it.each(['-i.avi', "a b's %d $(id);&|.avi", 'pipe:0', 'http:⁄⁄elsewhere', '😀\n.avi'])(
    'opens a file called %j',
    async (name) => {
      const file = join(folder.path, name)
      await makeClip(file, '64x48', 0.2)
      expect(sizesOf(await framesOf(fast(file)))).toEqual(['64x48'])
    },
  )

  it('plays a file in its own time, over and over, until it is left', async () => {
    const file = join(folder.path, 'short.avi')
    await makeClip(file, '64x48', 0.4)
    const source = opened({ kind: 'file', path: file, pace: 'realtime', loop: true }, 10)
    expect([source.finite, source.patient]).toEqual([false, false])
    const times: number[] = []
    for await (const { sceneTime } of source.frames(nobody)) {
      times.push(sceneTime)
      if (times.length === 10) break
    }
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(600)
  })

  it('ends at the signal', async () => {
    const stop = new AbortController()
    const source = opened({ kind: 'file', path: clip, pace: 'realtime', loop: true })
    for await (const _frame of source.frames(stop.signal)) stop.abort()
    expect(stop.signal.aborted).toBe(true)
  })

  it('says that a file is not there', async () => {
    const { error } = await broken(fast('/nonexistent.mp4'))
    expect(error).toBeInstanceOf(Unavailable)
    expect(error).toMatchObject({
      code: 'camera.not-found',
      message: expect.stringContaining('/nonexistent.mp4: No such file or directory'),
    })
  })

  it('says that a device is not there', async () => {
    const { error } = await broken(opened({ kind: 'device', path: '/dev/video99' }))
    expect(error).toMatchObject({
      code: 'camera.not-found',
      message: expect.stringContaining('/dev/video99: No such file or directory'),
    })
  })

  it.each(['rtsp', 'mjpeg'] as const)(
    'says that nothing answers (%s), and no password',
    async (kind) => {
      const host = `admin:s3cret@127.0.0.1:${await freePort()}/live`
      const source =
        kind === 'rtsp'
          ? opened({ kind, url: `rtsp://${host}`, transport: 'tcp' })
          : opened({ kind, url: `http://${host}` })
      const { error } = await broken(source)
      const { code, message, cause, hint } = error as Unavailable
      expect(code).toBe('camera.not-found')
      expect(message).toMatch(/127\.0\.0\.1:\d+\/live: Connection refused/)
      expect(hint).toContain('address')
      expect(`${message} ${cause}`).not.toContain('s3cret')
    },
  )

  it('says that a host has no address', async () => {
    const { error } = await broken(opened({ kind: 'mjpeg', url: 'http://camera.invalid/live' }))
    expect(error).toMatchObject({ code: 'camera.not-found' })
  })

  it('refuses a file that is no video, and one without pictures', async () => {
    const [text, tone] = [join(folder.path, 'text.mp4'), join(folder.path, 'tone.wav')]
    await writeFile(text, 'not a video\n'.repeat(1000))
    await makeTone(tone)
    for (const file of [text, tone]) {
      const { frames, error } = await broken(fast(file))
      expect(frames).toEqual([])
      expect(error).toMatchObject({ code: 'camera.died' })
    }
  })
})
