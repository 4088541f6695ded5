import process from 'node:process'
import { type FfmpegOptions, FfmpegSource } from '@vedette/agent/sources/ffmpeg'
import { Unavailable } from '@vedette/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { standingIn } from '../../support/agent-ffmpeg.ts'
import { broken, framesOf, nobody, sizesOf } from '../../support/agent-frames.ts'
import { isAlive, pidOf, standIn } from '../../support/agent-programs.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { rejectionOf } from '../../support/thrown.ts'
import { eventually } from '../../support/until.ts'

const STALL_MS = 10_000

let folder: TemporaryFolder

beforeAll(async () => {
  folder = await TemporaryFolder.make()
})

afterAll(() => folder[Symbol.asyncDispose]())

let count = 0

/** A source whose ffmpeg runs `script`, and the path of that. */
async function played(script: string, options: Partial<FfmpegOptions> = {}) {
  const program = await standIn(folder.path, `ffmpeg-${++count}`, script)
  const source = new FfmpegSource(
    { kind: 'file', path: '/clip', pace: 'fast', loop: false },
    { fps: 5, stall: STALL_MS, ffmpeg: standingIn(program), clock: new ManualClock(), ...options },
  )
  return { source, program, gone: async () => !isAlive(await pidOf(program)) }
}

/** Reads three frames, then asks for one more. */
async function threeAndMore(source: FfmpegSource, signal = nobody) {
  const frames = source.frames(signal)
  const sizes = []
  for (let i = 0; i < 3; i++) sizes.push((await frames.next()).value?.picture.width)
  return { sizes, fourth: frames.next() }
}

const THREE = 'for (let i = 0; i < 3; i++) out(picture(4, 3, i))'

describe.concurrent('FfmpegSource', () => {
  it('gives every picture, and ends when the program ends well', async () => {
    const { source, gone } = await played(THREE)
    const frames = await framesOf(source)
    expect(frames.map(({ picture }) => picture.data[0])).toEqual([0, 1, 2])
    expect(frames.map(({ sceneTime }) => sceneTime)).toEqual([0, 200, 400])
    expect(await gone()).toBe(true)
  })

  it('follows a change of size', async () => {
    const { source } = await played(
      'out(picture(4, 3)); out(picture(640, 480)); out(picture(2, 2))',
    )
    expect(sizesOf(await framesOf(source))).toEqual(['4x3', '640x480', '2x2'])
  })

  it('takes scene time from the clock where the source runs by itself', async () => {
    const program = await standIn(folder.path, 'live', THREE)
    const clock = new ManualClock(1_763_650_000_000)
    const source = new FfmpegSource(
      { kind: 'rtsp', url: 'rtsp://camera/1', transport: 'tcp' },
      { fps: 5, stall: STALL_MS, ffmpeg: standingIn(program), clock },
    )
    for (const { sceneTime, capturedAt } of await framesOf(source)) {
      expect([sceneTime, capturedAt]).toEqual([clock.now(), clock.now()])
    }
  })

  it('says so when no picture comes in time, and ends the program', async () => {
    const clock = new ManualClock()
    const { source, gone } = await played(`${THREE}; process.stderr.write('hm\\n'); hang()`, {
      clock,
    })
    const { fourth } = await threeAndMore(source)
    expect(clock.pending).toEqual([STALL_MS])
    clock.advance(STALL_MS)
    const error = await rejectionOf(fourth, Unavailable)
    expect(error).toMatchObject({ code: 'camera.stalled', message: 'no picture for 10000 ms' })
    expect(error.hint).toBeDefined()
    expect(await gone()).toBe(true)
    expect(clock.pending).toEqual([])
  })

  it.each([
    ['nothing comes', 'hang()'],
    [
      'bytes come that make no picture',
      `out('P6\\n999 999\\n255\\n'); setInterval(() => out('x'), 5)`,
    ],
  ])('says so when %s', async (_what, script) => {
    const clock = new ManualClock()
    const { source, program, gone } = await played(script, { clock })
    const first = source.frames(nobody).next()
    await eventually(() => pidOf(program))
    clock.advance(STALL_MS)
    expect(await rejectionOf(first, Unavailable)).toMatchObject({ code: 'camera.stalled' })
    expect(await gone()).toBe(true)
  })

  it('waits for a picture again after each', async () => {
    const clock = new ManualClock()
    const script = `process.on('SIGUSR2', () => out(picture(4, 3))); out(picture(4, 3)); hang()`
    const { source, program } = await played(script, { clock })
    const frames = source.frames(nobody)
    await frames.next()
    for (let i = 0; i < 3; i++) {
      const next = frames.next()
      clock.advance(STALL_MS - 1)
      process.kill(await pidOf(program), 'SIGUSR2')
      expect((await next).done).toBe(false)
    }
    await frames.return()
  })

  it('does not blame the camera for a slow consumer', async () => {
    const clock = new ManualClock()
    const { source } = await played(THREE, { clock })
    let seen = 0
    for await (const _frame of source.frames(nobody)) {
      clock.advance(10 * STALL_MS)
      seen++
    }
    expect(seen).toBe(3)
  })

  it('tells the last complaint of a program that fails, and holds the others', async () => {
    const script = `${THREE}
      for (let i = 0; i < 100; i++) process.stderr.write('complaint ' + i + ' ' + 'x'.repeat(400) + '\\n')
      process.stderr.write('decoder on fire\\n')
      process.exitCode = 1`
    const { source, gone } = await played(script)
    const { frames, error } = await broken(source)
    expect(frames).toHaveLength(3)
    expect(error).toBeInstanceOf(Unavailable)
    const { code, message, cause, retryable } = error as Unavailable
    expect([code, message, retryable]).toEqual([
      'camera.died',
      'ffmpeg ended with 1: decoder on fire',
      true,
    ])
    expect(String(cause).split('\n')).toHaveLength(20)
    expect(String(cause).length).toBeLessThan(20 * 301)
    expect(await gone()).toBe(true)
  })

  it('tells of a program that a signal ended', async () => {
    const { source } = await played('process.kill(process.pid, "SIGSEGV")')
    const { error } = await broken(source)
    expect(error).toMatchObject({
      code: 'camera.died',
      message: expect.stringMatching(/^ffmpeg ended with a signal/),
    })
  })

  it('does not take an address in memory for an answer of a server', async () => {
    const lines = '[h264 @ 0x55d404a401c0] error while decoding MB 401404 3\\n'
    const { source } = await played(`process.stderr.write('${lines}'); process.exitCode = 1`)
    expect((await broken(source)).error).toMatchObject({ code: 'camera.died' })
  })

  it.each([
    'Server returned 404 Not Found',
    'Server returned 401 Unauthorized (authorization failed)',
    'Server returned 403 Forbidden (access denied)',
    '[tcp @ 0x5555] Failed to resolve hostname camera.example: Name or service not known',
    'rtsp://camera/1: Connection refused',
    'rtsp://camera/1: No route to host',
    'file:/clip: No such file or directory',
  ])('takes "%s" for a camera that is not there', async (line) => {
    const script = `process.stderr.write(${JSON.stringify(line)} + '\\n'); process.exitCode = 1`
    const { source } = await played(script)
    expect((await broken(source)).error).toMatchObject({ code: 'camera.not-found' })
  })

  it('keeps passwords in addresses to itself', async () => {
    const script = `
      process.stderr.write('Opening rtsp://admin:s3cret@10.0.0.8:554/live for reading\\n')
      process.stderr.write('http://admin:p@s3cret@camera/: Server returned 401 Unauthorized\\n')
      process.exitCode = 1`
    const { error } = await broken((await played(script)).source)
    const { message, cause } = error as Unavailable
    expect(message).toBe('ffmpeg ended with 1: http://camera/: Server returned 401 Unauthorized')
    expect(cause).toContain('rtsp://10.0.0.8:554/live')
    expect(`${message} ${cause}`).not.toMatch(/s3cret|admin/)
  })

  it.each([
    ['text', `out('<html>\\n<body>\\nnot a camera\\n</body>'); hang()`],
    ['zeros', 'const more = () => out(Buffer.alloc(1 << 16), more); more()'],
    ['a picture larger than allowed', `out('P6\\n90000 90000\\n255\\n'); hang()`],
  ])('refuses %s, and ends the program', async (_what, script) => {
    const { source, gone } = await played(script)
    const { frames, error } = await broken(source)
    expect(frames).toEqual([])
    expect(error).toMatchObject({ code: 'camera.bad-frames' })
    expect(await gone()).toBe(true)
  })

  it('gives no part of a picture', async () => {
    const { source } = await played('out(picture(4, 3)); out(picture(40, 30).subarray(0, 999))')
    expect(sizesOf((await broken(source)).frames)).toEqual(['4x3'])
  })

  it('ends the program when the loop is left', async () => {
    const { source, gone } = await played(`setInterval(() => out(picture(4, 3)), 5)`)
    for await (const _frame of source.frames(nobody)) break
    expect(await gone()).toBe(true)
  })

  it('ends without an error at the signal, and ends the program', async () => {
    const stop = new AbortController()
    const clock = new ManualClock()
    const { source, gone } = await played(`${THREE}; hang()`, { clock })
    const { fourth } = await threeAndMore(source, stop.signal)
    stop.abort()
    expect((await fourth).done).toBe(true)
    expect(await gone()).toBe(true)
    expect(clock.pending).toEqual([])
  })

  it('gives nothing after the signal', async () => {
    const { source } = await played(`${THREE}; hang()`)
    expect(await framesOf(source, AbortSignal.abort())).toEqual([])
  })

  it('ends a program that does not heed SIGTERM', async () => {
    const script = `process.on('SIGTERM', () => {}); setInterval(() => out(picture(4, 3)), 5)`
    const { source, gone } = await played(script)
    for await (const _frame of source.frames(nobody)) break
    expect(await gone()).toBe(true)
  })

  it('ends a program that was stopped', async () => {
    const clock = new ManualClock()
    const { source, program, gone } = await played(`${THREE}; hang()`, { clock })
    const { fourth } = await threeAndMore(source)
    process.kill(await pidOf(program), 'SIGSTOP')
    clock.advance(STALL_MS)
    expect(await rejectionOf(fourth, Unavailable)).toMatchObject({ code: 'camera.stalled' })
    expect(await gone()).toBe(true)
  })

  it('ends a program that ends its output and lives on', async () => {
    const script = `${THREE}; process.on('SIGTERM', () => {}); hang(); process.stdout.end()
      process.stdout.on('finish', () => require('node:fs').closeSync(1))`
    const { source, gone } = await played(script)
    const { frames, error } = await broken(source)
    expect(frames).toHaveLength(3)
    expect(error).toMatchObject({ code: 'camera.died' })
    expect(await gone()).toBe(true)
  })

  it('reads a program that never stops complaining', async () => {
    const script = `
      const more = () => process.stderr.write('w'.repeat(1 << 16) + '\\n', more)
      more()
      setInterval(() => out(picture(4, 3)), 5)`
    const { source, gone } = await played(script)
    let seen = 0
    for await (const _frame of source.frames(nobody)) if (++seen === 50) break
    expect(await gone()).toBe(true)
  })

  it('says what is missing when the program is not there', async () => {
    const source = new FfmpegSource(
      { kind: 'device', path: '/dev/video0' },
      { fps: 5, stall: STALL_MS, ffmpeg: standingIn('/nonexistent/ffmpeg') },
    )
    const { error } = await broken(source)
    expect(error).toBeInstanceOf(Unavailable)
    expect((error as Unavailable).message).toContain('spawn /nonexistent/ffmpeg ENOENT')
  })
})
