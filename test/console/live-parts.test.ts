import { fileURLToPath } from 'node:url'
import { type LiveHead, partOf } from '@vedette/server/live/wire'
import { describe, expect, it } from 'vitest'
import { seeded } from '../support/agent-random.ts'

const pages = new URL('../../server/console/src/pages/live/', import.meta.url)
const load = (name: string): Promise<unknown> => import(fileURLToPath(new URL(name, pages)))

type Read = { head: LiveHead; picture: Uint8Array }
const { PartReader } = (await load('parts.ts')) as {
  PartReader: new () => { push(chunk: Uint8Array): Iterable<Read> }
}
type Places = readonly (string | undefined)[]
const { placesOf, addressOf, moved, put, sized, take } = (await load('places.ts')) as {
  placesOf: (query: Record<string, string>) => Places
  addressOf: (places: Places) => string
  moved: (places: Places, camera: string, arrow: string) => Places
  put: (places: Places, camera: string, at?: number) => Places
  sized: (places: Places, size: number) => Places
  take: (places: Places, camera: string) => Places
}

const heads: LiveHead[] = [
  { kind: 'still', now: 1_763_650_000_000 },
  { kind: 'state', camera: 'gate-7/süd', state: 'refused', code: 'camera.stalled' },
  { kind: 'match', camera: 'a/b', track: 't', alert: 'x' },
]
const picture = Uint8Array.from({ length: 90 }, (_, i) => i)
const bytes = Buffer.concat(
  heads.flatMap((head, i) => (i === 1 ? [partOf(head, 90), picture] : [partOf(head)])),
)
const expected = heads.map((head, i) => ({ head, bytes: i === 1 ? [...picture] : [] }))

function read(chunks: readonly Uint8Array[]) {
  const reader = new PartReader()
  return chunks
    .flatMap((chunk) => [...reader.push(chunk)])
    .map(({ head, picture }) => ({ head, bytes: [...picture] }))
}

describe('a stream of live pictures', () => {
  it('is read the same wherever the network cuts it in two, and byte by byte', () => {
    for (let at = 0; at <= bytes.length; at++) {
      expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected)
    }
    expect(read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  it('is read the same in random pieces', () => {
    const random = seeded(4)
    for (let run = 0; run < 50; run++) {
      const chunks: Uint8Array[] = []
      for (let at = 0; at < bytes.length; ) {
        const length = 1 + Math.floor(random() * 60)
        chunks.push(bytes.subarray(at, at + length))
        at += length
      }
      expect(read(chunks)).toEqual(expected)
    }
  })

  it.each(['ffffffff00000000', '00000002ffffffff'])(
    'is given up where it says what it cannot be: %s',
    (hex) => {
      expect(() => read([Buffer.from(hex, 'hex')])).toThrow(RangeError)
    },
  )
})

describe('the tiles', () => {
  it('are what the address says, and the address says what they are', () => {
    const places = placesOf({ cameras: 'a/b,,c/d', tiles: '4' })
    expect(places).toEqual(['a/b', undefined, 'c/d', undefined])
    expect(addressOf(places)).toBe('/live?cameras=a/b,,c/d&tiles=4')
  })

  it('are as many as the cameras need where nobody says how many', () => {
    expect(placesOf({}).length).toBe(1)
    expect(placesOf({ cameras: 'a/b,c/d' }).length).toBe(2)
    expect(placesOf({ cameras: 'a/b,c/d,e/f', tiles: '7' }).length).toBe(4)
  })

  it('hold no camera twice, and nothing that is none', () => {
    expect(placesOf({ cameras: 'a/b,a/b,<script>,../x', tiles: '4' })).toEqual([
      'a/b',
      ...[undefined, undefined, undefined],
    ])
  })

  it('take a camera where there is room, else last, or where it is put, and change places', () => {
    expect(put(['a/b', undefined], 'c/d')).toEqual(['a/b', 'c/d'])
    expect(put(['a/b', 'c/d'], 'e/f')).toEqual(['a/b', 'e/f'])
    expect(put(['a/b', 'c/d'], 'a/b', 1)).toEqual(['c/d', 'a/b'])
    expect(take(['a/b', 'c/d'], 'a/b')).toEqual([undefined, 'c/d'])
  })

  it('go where an arrow points, what was there takes their place, and stay where there is none', () => {
    const places = ['a/b', 'c/d', undefined, 'e/f']
    expect(moved(places, 'a/b', 'ArrowRight')).toEqual(['c/d', 'a/b', undefined, 'e/f'])
    expect(moved(places, 'a/b', 'ArrowDown')).toEqual([undefined, 'c/d', 'a/b', 'e/f'])
    expect(moved(places, 'e/f', 'ArrowUp')).toEqual(['a/b', 'e/f', undefined, 'c/d'])
    expect(moved(places, 'e/f', 'ArrowLeft')).toEqual(['a/b', 'c/d', 'e/f', undefined])
    for (const [camera, arrow] of [
      ['a/b', 'ArrowLeft'],
      ['c/d', 'ArrowUp'],
      ['e/f', 'ArrowDown'],
      ['x/y', 'ArrowRight'],
    ] as const) {
      expect(moved(places, camera, arrow)).toBe(places)
    }
  })

  it('keep their cameras when there are more or fewer, as far as there is room', () => {
    expect(sized(['a/b', undefined, 'c/d', undefined], 2)).toEqual(['a/b', 'c/d'])
    expect(sized(['a/b', 'c/d'], 1)).toEqual(['a/b'])
    expect(sized(['a/b'], 4)).toEqual(['a/b', undefined, undefined, undefined])
  })
})
