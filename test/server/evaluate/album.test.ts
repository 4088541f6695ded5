import { appendFile, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeJpeg } from '@vedette/models/picture'
import { type Album, dropJournal, readAlbum } from '@vedette/server/evaluate/album'
import { norm, similarity } from '@vedette/shared/embedding'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { portraitOf } from '../../support/agent-faces.ts'
import { picture } from '../../support/agent-pictures.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'

let folder: TemporaryFolder
let images: string
const FILES = ['woman/1.jpg', 'woman/2.jpg', 'man/1.jpg', 'wall.jpg', 'broken.jpg', 'nowhere.jpg']

beforeAll(async () => {
  folder = await TemporaryFolder.make()
  images = join(folder.path, 'images')
  for (const person of ['woman', 'man']) await mkdir(join(images, person), { recursive: true })
  const put = async (file: string, bytes: Uint8Array) => writeFile(join(images, file), bytes)
  await put('woman/1.jpg', await encodeJpeg(await portraitOf('woman', 120)))
  await put('woman/2.jpg', await encodeJpeg(await portraitOf('woman', 70)))
  await put('man/1.jpg', await encodeJpeg(await portraitOf('man', 120)))
  await put('wall.jpg', await encodeJpeg(picture(200, 200, (x, y) => 60 + x / 4 + y / 5)))
  await put('broken.jpg', Buffer.from('no picture at all'))
})

afterAll(() => folder[Symbol.asyncDispose]())

async function read(journal: string, files = FILES) {
  const progress: [number, number][] = []
  const onProgress = (done: number, total: number) => void progress.push([done, total])
  const album = await readAlbum({
    images,
    files,
    threads: 2,
    models: {},
    far: true,
    journal,
    onProgress,
  })
  return { album, progress }
}

function faceOf(album: Album, file: string) {
  const likeness = album.get(file)!
  if ('failure' in likeness) throw new Error(`${file}: ${likeness.failure}`)
  return likeness
}

describe('an album', () => {
  it('has every picture as it would be enrolled and asked about, or why not', async () => {
    const journal = join(folder.path, 'one', 'journal.jsonl')
    const { album, progress } = await read(journal)
    const [one, two, man] = ['woman/1.jpg', 'woman/2.jpg', 'man/1.jpg'].map((f) => faceOf(album, f))
    for (const { template, probe } of [one!, two!, man!]) {
      expect([norm(template), norm(probe)]).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)])
      expect(similarity(template, probe)).toBeGreaterThan(0.98)
    }
    expect(similarity(one!.template, two!.probe)).toBeGreaterThan(0.97)
    expect(similarity(one!.far!, two!.far!)).toBeGreaterThan(similarity(one!.far!, man!.far!))
    expect(similarity(one!.template, man!.probe)).toBeLessThan(0.9)
    expect(FILES.slice(3).map((file) => album.get(file))).toEqual([
      { failure: 'photo.no-face' },
      { failure: 'photo.wrong-type' },
      { failure: expect.any(String) },
    ])
    expect([progress[0], progress.at(-1)]).toEqual([
      [0, 6],
      [6, 6],
    ])
    expect((await stat(journal)).mode & 0o777).toBe(0o600)
  })

  it('goes on where it was interrupted, and comes to the same', async () => {
    const journal = join(folder.path, 'two', 'journal.jsonl')
    const { album: whole } = await read(journal)
    const size = (await readFile(journal)).length
    await truncate(journal, size - 30) // in the middle of the last line
    const { album, progress } = await read(journal)
    expect(progress[0]).toEqual([5, 6])
    expect(progress).toHaveLength(2)
    expect(album.size).toBe(6)
    for (const file of FILES) expect(album.get(file)).toEqual(whole.get(file))
    await appendFile(journal, '\n{"file": tor')
    expect((await read(journal)).progress).toEqual([[6, 6]])
  })

  it('takes from the journal only what it was asked for', async () => {
    const journal = join(folder.path, 'three', 'journal.jsonl')
    await read(journal, ['wall.jpg', 'broken.jpg'])
    const { album, progress } = await read(journal, ['wall.jpg', 'nowhere.jpg'])
    expect(progress[0]).toEqual([1, 2])
    expect([...album.keys()].toSorted()).toEqual(['nowhere.jpg', 'wall.jpg'])
    await dropJournal(journal)
    await expect(stat(journal)).rejects.toThrow('ENOENT')
  })
})
