import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { FfmpegSource } from '@vedette/agent/sources/ffmpeg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ffmpegHere, makeClip } from '../../support/agent-ffmpeg.ts'
import { broken, nobody, sizesOf } from '../../support/agent-frames.ts'
import { greyJpeg, HttpCamera, motionJpeg } from '../../support/agent-http-camera.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { eventually } from '../../support/until.ts'

let folder: TemporaryFolder
let greys: Buffer[]

beforeAll(async () => {
  folder = await TemporaryFolder.make()
  await makeClip(join(folder.path, 'secret.avi'), '64x48', 0.5)
  greys = await Promise.all([40, 80, 120, 160, 200].map((level) => greyJpeg(320, 240, level)))
})

afterAll(() => folder[Symbol.asyncDispose]())

const opened = (url: string, stall = 10_000) =>
  new FfmpegSource({ kind: 'mjpeg', url }, { fps: 5, stall, ffmpeg: ffmpegHere })

/** Reads `count` frames, and tells how long it took from the first to the last, milliseconds. */
async function read(url: string, count: number) {
  const frames = []
  for await (const frame of opened(url).frames(nobody)) {
    frames.push(frame)
    if (frames.length === count) break
  }
  return { frames, took: frames.at(-1)!.capturedAt - frames[0]!.capturedAt }
}

const says =
  (type: string, body: string): RequestListener =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': type }).end(body)

describe.concurrent('a motion JPEG camera', () => {
  it('is seen in the pictures it sends', async () => {
    await using camera = await HttpCamera.start(motionJpeg(5, (n) => greys[n % 5]))
    const { frames } = await read(camera.url, 8)
    expect(new Set(sizesOf(frames))).toEqual(new Set(['320x240']))
    const levels = frames.map(({ picture }) => picture.data[0]!)
    for (const level of levels) {
      expect([40, 80, 120, 160, 200].some((grey) => Math.abs(grey - level) < 6)).toBe(true)
    }
    expect(new Set(levels).size).toBeGreaterThanOrEqual(3)
  })

  it.each([5, 10, 25])(
    'that sends %d frames a second is looked at five times a second',
    async (fps) => {
      await using camera = await HttpCamera.start(motionJpeg(fps, (n) => greys[n % 5]))
      const { took } = await read(camera.url, 11)
      expect(took).toBeGreaterThan(1200)
      expect(took).toBeLessThan(4000)
    },
  )

  it('is left when the loop is left', async () => {
    await using camera = await HttpCamera.start(motionJpeg(10, (n) => greys[n % 5]))
    await read(camera.url, 1)
    await eventually(async () => expect(await camera.connections()).toBe(0))
  })

  it('that ends its stream ends the source, without an error', async () => {
    await using camera = await HttpCamera.start(
      motionJpeg(20, (n) => (n < 20 ? greys[n % 5] : undefined)),
    )
    const { frames, error } = await broken(opened(camera.url))
    expect(error).toBeUndefined()
    expect(frames.length).toBeGreaterThan(0)
  })

  it('that falls silent is a stall', async () => {
    const answer = motionJpeg(20, (n) => (n < 20 ? greys[n % 5] : Buffer.alloc(0)))
    await using camera = await HttpCamera.start(answer)
    const { error } = await broken(opened(camera.url, 1500))
    expect(error).toMatchObject({ code: 'camera.stalled' })
    await eventually(async () => expect(await camera.connections()).toBe(0))
  })

  it('that says nothing at all is a stall', async () => {
    await using camera = await HttpCamera.start(() => {})
    const { error } = await broken(opened(camera.url, 700))
    expect(error).toMatchObject({ code: 'camera.stalled' })
  })

  it.each([401, 403, 404])('that answers %d is not found', async (status) => {
    await using camera = await HttpCamera.start((_request, response) =>
      response.writeHead(status).end(),
    )
    const { error } = await broken(opened(camera.url))
    expect(error).toMatchObject({
      code: 'camera.not-found',
      message: expect.stringContaining(`${status}`),
    })
  })

  it('that is a web page gives no frame', async () => {
    await using camera = await HttpCamera.start(
      says('text/html', '<html><body>Login</body></html>'),
    )
    const { frames, error } = await broken(opened(camera.url))
    expect(frames).toEqual([])
    expect(error).toMatchObject({ code: 'camera.died' })
  })

  it('that changes its size is seen on', async () => {
    const small = await greyJpeg(160, 90, 90)
    await using camera = await HttpCamera.start(
      motionJpeg(10, (n) => (n < 10 ? greys[n % 5] : small)),
    )
    const { frames } = await read(camera.url, 12)
    expect(frames).toHaveLength(12)
    for (const { picture } of frames) {
      expect(picture.data).toHaveLength(picture.width * picture.height * 3)
    }
  })

  it.each<[string, (file: string) => RequestListener]>([
    [
      'sends elsewhere',
      (file) => (_request, response) =>
        response.writeHead(302, { location: `file://${file}` }).end(),
    ],
    [
      'is a playlist',
      (file) =>
        says(
          'application/vnd.apple.mpegurl',
          `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://${file}\n#EXT-X-ENDLIST\n`,
        ),
    ],
    ['is a list of clips', (file) => says('text/plain', `ffconcat version 1.0\nfile ${file}\n`)],
  ])('that %s shows no file of this machine', async (_what, answer) => {
    await using camera = await HttpCamera.start(answer(join(folder.path, 'secret.avi')))
    const { frames, error } = await broken(opened(camera.url))
    expect(frames).toEqual([])
    expect(error).toBeDefined()
  })
})
