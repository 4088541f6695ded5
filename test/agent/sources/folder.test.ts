import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FolderSource } from '@vedette/agent/sources/folder'
import { Unavailable } from '@vedette/shared/errors'
import { silentLog } from '@vedette/shared/log'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { broken, framesOf, nobody, sizesOf } from '../../support/agent-frames.ts'
import { greyJpeg } from '../../support/agent-http-camera.ts'
import { recordedLog } from '../../support/agent-log.ts'
import { settle } from '../../support/agent-sources.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'

let folder: TemporaryFolder

beforeEach(async () => {
  folder = await TemporaryFolder.make()
})

afterEach(() => folder[Symbol.asyncDispose]())

const put = (name: string, bytes: Uint8Array | string) => writeFile(join(folder.path, name), bytes)

describe('FolderSource', () => {
  it('gives every picture once, in the order of the names', async () => {
    for (const [name, width] of [
      ['b.jpeg', 20],
      ['c.PNG', 30],
      ['a.jpg', 10],
      ['d.webp', 40],
    ] as const) {
      const picture = sharp(await greyJpeg(width, 8, 99))
      await put(name, await picture.toFormat(name.endsWith('PNG') ? 'png' : 'jpeg').toBuffer())
    }
    const source = new FolderSource(folder.path, 0, silentLog)
    expect([source.patient, source.finite]).toEqual([true, true])
    expect(sizesOf(await framesOf(source))).toEqual(['10x8', '20x8', '30x8', '40x8'])
  })

  it('sets its pictures so far apart that no face is followed from one to the next', async () => {
    for (const name of ['1.jpg', '2.jpg', '3.jpg']) await put(name, await greyJpeg(8, 8, 99))
    const clock = new ManualClock(5000)
    const frames = await framesOf(new FolderSource(folder.path, 0, silentLog, clock))
    expect(frames.map(({ sceneTime }) => sceneTime)).toEqual([0, 60_000, 120_000])
    expect(frames.map(({ capturedAt }) => capturedAt)).toEqual([5000, 5000, 5000])
  })

  it('passes over what is no picture by its name', async () => {
    for (const name of ['notes.txt', 'clip.mp4', 'jpg', '.jpg.part', 'a.jpg.bak'])
      await put(name, 'x')
    await put('a.jpg', await greyJpeg(8, 8, 99))
    const { log, lines } = recordedLog()
    expect(await framesOf(new FolderSource(folder.path, 0, log))).toHaveLength(1)
    expect(lines).toEqual([])
  })

  it('passes over a picture that cannot be read, and says so', async () => {
    const good = await greyJpeg(64, 64, 99)
    await put('1.jpg', 'not a picture')
    await put('2.jpg', good.subarray(0, good.length / 2))
    await put('3.jpg', '')
    await mkdir(join(folder.path, '4.jpg'))
    await put('5.jpg', good)
    const { log, lines } = recordedLog()
    const frames = await framesOf(new FolderSource(folder.path, 0, log))
    expect(sizesOf(frames)).toEqual(['64x64'])
    expect(lines.map(({ level, event, code, file }) => [level, event, code, file])).toEqual([
      ['warn', 'picture.unreadable', 'photo.wrong-type', join(folder.path, '1.jpg')],
      ['warn', 'picture.unreadable', 'photo.unreadable', join(folder.path, '2.jpg')],
      ['warn', 'picture.unreadable', 'photo.unreadable', join(folder.path, '3.jpg')],
      ['warn', 'picture.unreadable', 'EISDIR', join(folder.path, '4.jpg')],
    ])
  })

  it('gives nothing of an empty folder', async () => {
    expect(await framesOf(new FolderSource(folder.path, 0, silentLog))).toEqual([])
  })

  it('says that a folder is not there', async () => {
    const source = new FolderSource(join(folder.path, 'none'), 0, silentLog)
    const { error } = await broken(source)
    expect(error).toBeInstanceOf(Unavailable)
    expect(error).toMatchObject({
      code: 'camera.not-found',
      message: `cannot read folder ${join(folder.path, 'none')}`,
    })
  })

  it('pauses after each picture where it is told to', async () => {
    for (const name of ['1.jpg', '2.jpg']) await put(name, await greyJpeg(8, 8, 99))
    const clock = new ManualClock(0)
    const reading = framesOf(new FolderSource(folder.path, 1500, silentLog, clock))
    expect([await clock.pass(), await clock.pass()]).toEqual([1500, 1500])
    expect((await reading).map(({ capturedAt }) => capturedAt)).toEqual([0, 1500])
  })

  it('ends in its pause at the signal', async () => {
    for (const name of ['1.jpg', '2.jpg']) await put(name, await greyJpeg(8, 8, 99))
    const stop = new AbortController()
    const clock = new ManualClock()
    const reading = framesOf(new FolderSource(folder.path, 60_000, silentLog, clock), stop.signal)
    await clock.sleeping()
    stop.abort()
    expect(await reading).toHaveLength(1)
  })

  it('reads no further than the pictures asked for', async () => {
    for (const name of ['1.jpg', '2.jpg']) await put(name, await greyJpeg(8, 8, 99))
    await put('3.jpg', 'not a picture')
    const { log, lines } = recordedLog()
    for await (const _frame of new FolderSource(folder.path, 0, log).frames(nobody)) break
    await settle()
    expect(lines).toEqual([])
  })
})
