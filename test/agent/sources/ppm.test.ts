import { PpmReader } from '@vedette/agent/sources/ppm'
import type { Picture } from '@vedette/models/picture'
import { Unavailable } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { noisyPicture, picture, ppm } from '../../support/agent-pictures.ts'
import { seeded } from '../../support/agent-random.ts'
import { thrownBy } from '../../support/thrown.ts'

const pictures = [
  noisyPicture(1, 1, 1),
  noisyPicture(7, 3, 2),
  noisyPicture(2, 11, 3),
  noisyPicture(2, 11, 4),
  noisyPicture(10, 1, 5),
]
const stream = Buffer.concat(pictures.map(ppm))

function readAll(chunks: Iterable<Uint8Array>): Picture[] {
  const reader = new PpmReader()
  return [...chunks].flatMap((chunk) => [...reader.push(chunk)])
}

function faultOf(header: string | Buffer): Unavailable {
  return thrownBy(() => readAll([Buffer.from(header)]), Unavailable)
}

describe('PpmReader', () => {
  it('reads pictures of several sizes from one chunk', () => {
    expect(readAll([stream])).toEqual(pictures)
  })

  it('reads the same pictures from every cut in two', () => {
    for (let at = 0; at <= stream.length; at++) {
      expect(readAll([stream.subarray(0, at), stream.subarray(at)])).toEqual(pictures)
    }
  })

  it('reads the same pictures byte by byte', () => {
    expect(readAll(Array.from(stream, (_, at) => stream.subarray(at, at + 1)))).toEqual(pictures)
  })

  it('reads the same pictures from random cuts', () => {
    const random = seeded(20)
    for (let run = 0; run < 300; run++) {
      const chunks: Buffer[] = []
      for (let at = 0; at < stream.length; ) {
        const length = Math.floor(random() ** 3 * 120)
        chunks.push(stream.subarray(at, at + length))
        at += length
      }
      expect(readAll(chunks)).toEqual(pictures)
    }
  })

  it('gives each picture as soon as its last byte is there', () => {
    const reader = new PpmReader()
    const ends = new Set<number>()
    let end = 0
    for (const one of pictures) {
      end += ppm(one).length
      ends.add(end)
    }
    for (let at = 0; at < stream.length; at++) {
      const given = [...reader.push(stream.subarray(at, at + 1))].length
      expect(given).toBe(ends.has(at + 1) ? 1 : 0)
    }
  })

  it('gives pictures that do not change when the chunk is used again', () => {
    const chunk = ppm(picture(4, 4))
    const [first] = readAll([chunk])
    chunk.fill(0)
    expect(first).toEqual(picture(4, 4))
  })

  it('takes pixels for pixels, whatever they spell', () => {
    const data = new Uint8Array(30)
    data.set(Buffer.from('P6\n1 1\n255\nP6\n99999 99999\n'))
    const spelling = { width: 5, height: 2, data }
    expect(readAll([ppm(spelling), ppm(pictures[1]!)])).toEqual([spelling, pictures[1]])
  })

  it('takes the largest picture it allows, in any shape', () => {
    for (const [width, height] of [
      [3840, 2160],
      [99999, 82],
    ] as const) {
      const large = { width, height, data: new Uint8Array(width * height * 3) }
      expect(readAll([ppm(large)])[0]).toMatchObject({ width, height })
    }
  })

  it.each([
    ['another kind of picture', 'P5\n4 4\n255\n'],
    ['text', '<html>\n<head>\n<title>Login</title>\n'],
    ['a JPEG', Buffer.from('ffd8ffe000104a46494600010100000100010000ffdb0a0a0a', 'hex')],
    ['sixteen bits a colour', 'P6\n4 4\n65535\n'],
    ['a colour depth that is no number', 'P6\n4 4\n25\n'],
    ['no width', 'P6\n0 4\n255\n'],
    ['no height', 'P6\n4 0\n255\n'],
    ['a negative width', 'P6\n-4 4\n255\n'],
    ['a width in another notation', 'P6\n0x4 4\n255\n'],
    ['a fraction', 'P6\n4.5 4\n255\n'],
    ['a pixel more than allowed', 'P6\n3841 2160\n255\n'],
    ['far too many pixels', 'P6\n99999 99999\n255\n'],
    ['a number beyond all bounds', 'P6\n999999999999 1\n255\n'],
    ['a comment', 'P6\n# made by\n4 4\n255\n'],
    ['one number too many', 'P6\n4 4 4\n255\n'],
    ['carriage returns', 'P6\r\n4 4\r\n255\r\n'],
    ['an endless first line', 'P6 '.padEnd(10_000, ' ')],
    ['an endless number', `P6\n${'1'.repeat(10_000)}`],
    ['nothing but zeros', Buffer.alloc(10_000)],
  ])('refuses %s, before anything large is held', (_what, header) => {
    const before = process.memoryUsage().arrayBuffers
    const fault = faultOf(header)
    expect(fault.code).toBe('camera.bad-frames')
    expect(fault.retryable).toBe(true)
    expect(fault.message.length).toBeLessThan(250)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20)
  })

  it('refuses a bad header behind a good picture, and gives the good one', () => {
    const reader = new PpmReader()
    const given: Picture[] = []
    const read = () => {
      for (const one of reader.push(Buffer.concat([ppm(pictures[1]!), Buffer.from('oops\n\n\n')])))
        given.push(one)
    }
    expect(thrownBy(read, Unavailable).code).toBe('camera.bad-frames')
    expect(given).toEqual([pictures[1]])
  })
})
