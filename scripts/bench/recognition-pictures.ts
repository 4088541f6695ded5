import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { squareAround } from '@vedette/models/geometry'
import { Models } from '@vedette/models/models'
import { crop, decodePicture } from '@vedette/models/picture'
import { picturesIn } from '@vedette/server/evaluate/files'
import { type Pair, parsePairs } from '@vedette/server/evaluate/pairs-file'
import sharp from 'sharp'

const DATA =
  process.env.VEDETTE_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url))
/** Of the samples, people with one picture only: strangers. */
const STRANGERS = 5

export type Pictures = { images: string; files: readonly string[]; pairs: readonly Pair[] }

/** LFW's development pictures, or else faces of the sample photographs, written to `home`. */
export async function picturesToCompare(home: string): Promise<Pictures> {
  const folder = join(DATA, 'lfw-dev')
  const text = await readFile(join(folder, 'pairs.csv'), 'utf8').catch(() => undefined)
  if (text === undefined) {
    process.stderr.write(
      `no pictures at ${folder} (VEDETTE_DATA): a smoke test on sample photographs, no measurement\n`,
    )
    return samples(home)
  }
  const images = join(folder, 'images')
  return { images, files: await picturesIn(images), pairs: parsePairs(text, 'pairs.csv') }
}

/** Every face of the samples as it is, smaller, and compressed; all pairs of the people listed. */
async function samples(images: string): Promise<Pictures> {
  const photographs = dirname(
    createRequire(import.meta.url).resolve('@vladmandic/face-api/demo/sample1.jpg'),
  )
  await using models = await Models.open()
  const people: string[][] = []
  for (const sample of [1, 2, 3, 4, 5, 6]) {
    const picture = await decodePicture(await readFile(join(photographs, `sample${sample}.jpg`)))
    const found = await models.detect(picture, { inputs: [416], minScore: 0.6 })
    for (const { box } of found) {
      const { width, height, data } = crop(picture, squareAround(box, 0.8))
      const image = sharp(data, { raw: { width, height, channels: 3 } })
      const name = `person-${people.length + 1}`
      const views = [
        image.clone().jpeg(),
        image
          .clone()
          .resize(Math.round(width * 0.4))
          .jpeg(),
        image.clone().jpeg({ quality: 30 }),
      ]
      await mkdir(join(images, name), { recursive: true })
      people.push(views.map((_, i) => `${name}/${i + 1}.jpg`))
      for (const [i, view] of views.entries()) {
        await writeFile(join(images, name, `${i + 1}.jpg`), await view.toBuffer())
      }
    }
  }
  const strangers = people.slice(-STRANGERS).map(([first]) => first!)
  const listed = people.slice(0, -STRANGERS)
  const pairs = listed.flatMap(([left], i) =>
    listed.map((views, j) => ({ left: left!, right: views[1]!, same: i === j, fold: undefined })),
  )
  return { images, files: [...listed.flat(), ...strangers], pairs }
}
