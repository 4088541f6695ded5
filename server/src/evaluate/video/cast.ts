import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@vedette/shared/errors'

/** A photograph to be enrolled; `face` (1 is the leftmost) chooses among several. */
export type Photo = { file: string; face: number | undefined }

const PICTURES = /\.(jpe?g|png|webp)$/i

/**
 * Who is enrolled, from `NAME=PHOTO[,PHOTO…]`, `NAME=PHOTO#2` (the second face from the left) and
 * `NAME=FOLDER/` (every picture in it). Throws Refusal `evaluate.bad-enrol`, `evaluate.not-found`.
 */
export async function castOf(words: readonly string[]): Promise<Map<string, Photo[]>> {
  const cast = new Map<string, Photo[]>()
  for (const word of words) {
    const [, name, places] = /^([^=]+)=(.+)$/s.exec(word) ?? []
    if (name === undefined || places === undefined) {
      throw new Refusal('evaluate.bad-enrol', `not NAME=PHOTO: ${word}`, {
        hint: 'for example: --enroll jane=front.jpg,side.jpg --enroll joe=group.jpg#2',
      })
    }
    const photos = await Promise.all(places.split(',').map(photosAt))
    cast.set(name, [...(cast.get(name) ?? []), ...photos.flat()])
  }
  return cast
}

async function photosAt(place: string): Promise<Photo[]> {
  const found = await stat(place).catch(() => undefined)
  if (found?.isDirectory()) return photosIn(place)
  if (found !== undefined) return [{ file: place, face: undefined }]
  const [, file, face] = /^(.+)#([1-9]\d*)$/s.exec(place) ?? []
  if (file !== undefined && (await stat(file).catch(() => undefined))?.isFile()) {
    return [{ file, face: Number(face) }]
  }
  throw new Refusal('evaluate.not-found', `no photograph or folder ${place}`)
}

async function photosIn(folder: string): Promise<Photo[]> {
  const names = (await readdir(folder)).filter((name) => PICTURES.test(name)).toSorted()
  if (names.length > 0) return names.map((name) => ({ file: join(folder, name), face: undefined }))
  throw new Refusal('evaluate.not-found', `no pictures in ${folder}`)
}
