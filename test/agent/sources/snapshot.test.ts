import { readdir, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { type Shutter, SnapshotSource, webcamShutter } from '@vedette/agent/sources/snapshot'
import { Unavailable } from '@vedette/shared/errors'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { broken, framesOf, nobody } from '../../support/agent-frames.ts'
import { greyJpeg } from '../../support/agent-http-camera.ts'
import { standIn } from '../../support/agent-programs.ts'
import { settle } from '../../support/agent-sources.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { rejectionOf } from '../../support/thrown.ts'

const OPTIONS = { every: 1000, stall: 5000 }

let jpeg: Buffer
let other: Buffer

beforeAll(async () => {
  ;[jpeg, other] = await Promise.all([greyJpeg(64, 48, 99), greyJpeg(32, 24, 99)])
})

describe('SnapshotSource', () => {
  it('gives one picture after the other, so far apart as it is told', async () => {
    const clock = new ManualClock(0)
    const source = new SnapshotSource(async () => jpeg, OPTIONS, clock)
    expect([source.patient, source.finite]).toEqual([false, false])
    const times: number[] = []
    const passing = (async () => {
      while (times.length < 3) await clock.pass()
    })()
    for await (const { picture, capturedAt, sceneTime } of source.frames(nobody)) {
      expect([picture.width, picture.height, capturedAt]).toEqual([64, 48, sceneTime])
      times.push(sceneTime)
      if (times.length === 4) break
    }
    await passing
    expect(times).toEqual([0, 1000, 2000, 3000])
  })

  it('takes the time of the shutter off the pause', async () => {
    const clock = new ManualClock(0)
    const slow: Shutter = async () => {
      clock.advance(700)
      return jpeg
    }
    const frames = new SnapshotSource(slow, OPTIONS, clock).frames(nobody)
    expect((await frames.next()).value!.capturedAt).toBe(0)
    const next = frames.next()
    expect(await clock.pass()).toBe(300)
    expect((await next).value!.capturedAt).toBe(1000)
    await frames.return()
  })

  it('breaks with what the shutter breaks with', async () => {
    const fault = new Unavailable('camera.not-found', 'unplugged')
    const { error } = await broken(
      new SnapshotSource(() => Promise.reject(fault), OPTIONS, new ManualClock()),
    )
    expect(error).toBe(fault)
  })

  it('may be opened again after a picture that is damaged', async () => {
    for (const damaged of [jpeg.subarray(0, jpeg.length / 2), Buffer.from('no'), Buffer.alloc(0)]) {
      const source = new SnapshotSource(async () => damaged, OPTIONS, new ManualClock())
      const { error } = await broken(source)
      expect(error).toBeInstanceOf(Unavailable)
      expect(error).toMatchObject({ code: 'camera.bad-frames', retryable: true })
    }
  })

  it('says so when the shutter hangs', async () => {
    const clock = new ManualClock()
    const source = new SnapshotSource(() => new Promise(() => {}), OPTIONS, clock)
    const first = source.frames(nobody).next()
    await settle()
    clock.advance(5000)
    expect(await rejectionOf(first, Unavailable)).toMatchObject({ code: 'camera.stalled' })
  })

  it('ends at the signal while the shutter hangs', async () => {
    const stop = new AbortController()
    const clock = new ManualClock()
    const reading = framesOf(
      new SnapshotSource(() => new Promise(() => {}), OPTIONS, clock),
      stop.signal,
    )
    await settle()
    stop.abort()
    expect(await reading).toEqual([])
    expect(clock.pending).toEqual([])
  })

  it('ends at the signal in its pause', async () => {
    const stop = new AbortController()
    const clock = new ManualClock()
    const reading = framesOf(new SnapshotSource(async () => jpeg, OPTIONS, clock), stop.signal)
    await clock.sleeping()
    stop.abort()
    expect(await reading).toHaveLength(1)
    expect(clock.pending).toEqual([])
  })
})

describe('webcamShutter', () => {
  let bin: TemporaryFolder
  let temporary: TemporaryFolder
  const environment = { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR }

  beforeEach(async () => {
    bin = await TemporaryFolder.make()
    temporary = await TemporaryFolder.make()
    process.env.PATH = `${bin.path}${delimiter}/usr/bin${delimiter}/bin`
    process.env.TMPDIR = temporary.path
  })

  afterEach(async () => {
    process.env.PATH = environment.PATH
    if (environment.TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = environment.TMPDIR
    await bin[Symbol.asyncDispose]()
    await temporary[Symbol.asyncDispose]()
  })

  /** Puts a stand-in for fswebcam on the path: `file` is where it is to write. */
  const install = (script: string) =>
    standIn(
      bin.path,
      'fswebcam',
      `const args = process.argv.slice(2), file = args.at(-1);${script}`,
    )

  const write = (bytes: Uint8Array) =>
    `writeFileSync(file, Buffer.from('${Buffer.from(bytes).toString('base64')}', 'base64'));`

  it('gives what fswebcam writes', async () => {
    await install(write(jpeg))
    expect(await webcamShutter('/dev/video7')()).toEqual(jpeg)
  })

  it('asks for a JPEG of the device, into a folder of its own that it removes', async () => {
    await install(
      `${write(jpeg)} writeFileSync(${JSON.stringify(join(bin.path, 'args'))}, args.join(' '))`,
    )
    const before = await readdir('.')
    await webcamShutter('/dev/video7')()
    const args = await readFile(join(bin.path, 'args'), 'utf8')
    expect(args).toContain('--jpeg 90')
    expect(args).toContain('-d /dev/video7')
    expect(args).toContain(`${temporary.path}/`)
    expect(await readdir(temporary.path)).toEqual([])
    expect(await readdir('.')).toEqual(before)
  })

  it('asks for the first camera where none is named', async () => {
    await install(
      `${write(jpeg)} writeFileSync(${JSON.stringify(join(bin.path, 'args'))}, args.join(' '))`,
    )
    await webcamShutter(undefined)()
    expect(await readFile(join(bin.path, 'args'), 'utf8')).not.toContain('-d ')
  })

  it('keeps two cameras apart that are asked at the same time', async () => {
    await install(`if (args.includes('/dev/video1')) { ${write(jpeg)} } else { ${write(other)} }`)
    const [first, second] = [webcamShutter('/dev/video1'), webcamShutter('/dev/video2')]
    for (let i = 0; i < 3; i++)
      expect(await Promise.all([first(), second()])).toEqual([jpeg, other])
  })

  it('never gives an old picture for a new one', async () => {
    const shutter = webcamShutter('/dev/video7')
    await install(write(jpeg))
    await shutter()
    await install(`process.stderr.write('Captured frame in 0.00 seconds.\\n')`)
    expect(await rejectionOf(shutter(), Unavailable)).toMatchObject({ code: 'camera.not-found' })
    expect(await readdir(temporary.path)).toEqual([])
  })

  it.each([
    ['fails', 'process.stderr.write("Error opening device\\n"); process.exitCode = 1'],
    ['finds no camera', 'process.stderr.write("stat: No such file or directory\\n")'],
  ])('says so when fswebcam %s', async (_what, script) => {
    await install(script)
    const error = await rejectionOf(webcamShutter('/dev/video7')(), Unavailable)
    expect(error.code).toBe('camera.not-found')
    expect(error.message).toContain('no snapshot from /dev/video7')
    expect(await readdir(temporary.path)).toEqual([])
  })

  it('says what to install when there is no fswebcam', async () => {
    process.env.PATH = `${bin.path}${delimiter}/bin`
    const error = await rejectionOf(webcamShutter(undefined)(), Unavailable)
    expect(error.message).toContain('fswebcam')
    expect(error.hint).toContain('apt-get install fswebcam')
  })
})
