import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { decodePicture, type Picture } from '@vedette/models/picture'

/** Where face-api's package lies. */
export const faceApiFolder = dirname(
  createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json'),
)

/** The six photographs that ship with face-api, by number. */
export const SAMPLES = [1, 2, 3, 4, 5, 6] as const

export function sampleFile(sample: number): Promise<Buffer> {
  return readFile(join(faceApiFolder, 'demo', `sample${sample}.jpg`))
}

export async function samplePicture(sample: number): Promise<Picture> {
  return decodePicture(await sampleFile(sample))
}
