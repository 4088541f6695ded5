import type { Album } from '@vedette/server/evaluate/album'
import type { Likeness } from '@vedette/server/evaluate/album-thread'
import { castOf, degrade } from '@vedette/server/evaluate/degrade'
import { peopleOf } from '@vedette/server/evaluate/search-lists'
import { sideBySide } from '@vedette/server/evaluate/side-by-side'
import { Refusal } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../../support/thrown.ts'

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('castOf', () => {
  const pairs = range(6).flatMap((n) => [`p${n}/1.jpg`, `p${n}/2.jpg`])
  const people = peopleOf([...pairs, ...range(9).map((n) => `s${n}/1.jpg`)])

  it('enrols one picture of each, looks for another, and keeps strangers apart', () => {
    const { list, strangers } = castOf(people, 100)
    expect(list.map(({ photo }) => photo).toSorted()).toEqual(range(6).map((n) => `p${n}/1.jpg`))
    for (const { photo, probe } of list) expect(probe).toBe(photo.replace('1.jpg', '2.jpg'))
    expect(strangers.toSorted()).toEqual(range(9).map((n) => `s${n}/1.jpg`))
  })

  it('keeps further pictures of the wanted, not without end', () => {
    const many = [...pairs, ...range(20).map((n) => `p0/${n + 3}.jpg`), 's/1.jpg']
    const { list } = castOf(peopleOf(many), 100)
    expect(list.map(({ more }) => more.length).toSorted((p, q) => p - q)).toEqual([
      0, 0, 0, 0, 0, 10,
    ])
  })

  it('takes no more than it is told, and the same each time', () => {
    const cast = castOf(people, 4)
    expect([cast.list.length, cast.strangers.length]).toEqual([4, 4])
    expect(castOf(people, 4)).toEqual(cast)
  })

  it.each([
    ['nobody has two pictures', ['a/1.jpg', 'b/1.jpg']],
    ['there are no strangers', ['a/1.jpg', 'a/2.jpg']],
  ])('refuses where %s', (_what, files) => {
    expect(thrownBy(() => castOf(peopleOf(files), 10), Refusal).code).toBe('evaluate.too-few')
  })
})

describe('degrade', () => {
  it('says what is missed of faces that are turned aside, by how far', async () => {
    const at = (x: number, y: number, yaw: number) => {
      const point = Float32Array.of(x, y) // unit vectors
      return {
        template: point,
        far: undefined,
        probe: point,
        quality: 1,
        eyeDistance: 50,
        side: 150,
        yaw,
      }
    }
    const album: Album = new Map<string, Likeness>([
      ['a/1.jpg', at(1, 0, 0)],
      ['a/2.jpg', at(1, 0, -3)],
      ['a/3.jpg', at(0.6, 0.8, 12)], // less like the entry than the stranger is
      ['a/4.jpg', at(1, 0, -19)],
      ['a/5.jpg', { failure: 'photo.no-face' }],
      ['s/1.jpg', at(0.8, 0.6, 0)],
    ])
    const cast = castOf(peopleOf([...album.keys()]), 10)
    const options = {
      images: '/nowhere',
      threads: 1,
      models: {},
      damages: [],
      decade: 0,
      onProgress: () => {},
    }
    const { turns, rows } = await degrade(album, cast, options)
    expect(rows).toEqual([{ damage: undefined, fnir: 0, fpir: 0, failures: 0 }])
    expect(turns).toEqual([
      { from: 0, to: 10, faces: 1, fnir: 0 },
      { from: 10, to: 20, faces: 2, fnir: 0.5 },
    ])
  })
})

describe('sideBySide', () => {
  it('does everything once, with no more workers than told, and disposes of them', async () => {
    const [done, open] = [[] as number[], { now: 0, most: 0, ever: 0 }]
    await sideBySide(3, range(10), {
      open: () => {
        open.ever++
        open.most = Math.max(open.most, ++open.now)
        return { [Symbol.asyncDispose]: async () => void open.now-- }
      },
      work: async (_worker, item) => {
        await new Promise((resolve) => setTimeout(resolve, item % 3))
        done.push(item)
      },
    })
    expect(done.toSorted((p, q) => p - q)).toEqual(range(10))
    expect(open).toEqual({ now: 0, most: 3, ever: 3 })
  })

  it('disposes of its workers when one fails', async () => {
    let open = 0
    const failing = sideBySide(2, range(5), {
      open: () => {
        open++
        return { [Symbol.asyncDispose]: async () => void open-- }
      },
      work: async (_worker, item) => {
        if (item === 2) throw new Error('broken')
      },
    })
    await expect(failing).rejects.toThrow('broken')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(open).toBe(0)
  })
})
