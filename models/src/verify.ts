import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { norm, similarity } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import type { Detection } from './detection.ts'
import { type Box, iou } from './geometry.ts'
import { findModel, type ModelRow, readManifest, sourceFolder } from './manifest.ts'
import { DEFAULT_MODELS, type ModelOptions, Models, openDetector, openEmbedder } from './models.ts'
import { decodePicture, type Picture } from './picture.ts'

/** A photograph of five people, which comes with the built-in weights. */
const SAMPLE = 'demo/sample5.jpg'
const PEOPLE = 5
const SAME_PLACE = 0.35
/** How far the photograph is shifted to look at the same people again, pixels. */
const SHIFT = 3

/** What was found when a model was tried on a photograph. */
export type Verified =
  | { id: string; task: 'detect' | 'landmarks'; found: number; of: number }
  | {
      id: string
      task: 'embed'
      length: number
      /** Two pictures of one person at least, pictures of two people at most. */
      same: number
      different: number
    }

/**
 * Opens the model of `row` and tries it on a photograph. Throws IntegrityFault `model.*` where the
 * file is not what the row says or cannot be run, Refusal `model.unfit` where it does not see.
 */
export async function verifyModel(
  row: ModelRow,
  options: Pick<ModelOptions, 'runtime' | 'threads' | 'folder'>,
): Promise<Verified> {
  const picture = await samplePicture()
  await using models = await Models.open({ ...DEFAULT_MODELS, ...options })
  const people = await models.detect(picture, { inputs: [416], minScore: 0.5 })
  if (row.task === 'detect') return await verifyDetector(row.id, picture, people, options)
  if (row.task === 'embed') return await verifyEmbedder(row.id, picture, people, models, options)
  return { id: row.id, task: 'landmarks', found: people.length, of: PEOPLE }
}

async function verifyDetector(
  id: string,
  picture: Picture,
  people: readonly Detection[],
  options: Pick<ModelOptions, 'runtime' | 'threads' | 'folder'>,
): Promise<Verified> {
  const detector = await openDetector(id, options)
  const found = await detector.detect(picture, { inputs: [640], minScore: 0.5 })
  const seen = people.filter(({ box }) => found.some((face) => same(face.box, box))).length
  if (seen >= PEOPLE - 1) return { id, task: 'detect', found: seen, of: PEOPLE }
  throw unfit(id, `it found ${seen} of ${PEOPLE} faces that are there`, 'is `decoder` right?')
}

async function verifyEmbedder(
  id: string,
  picture: Picture,
  people: readonly Detection[],
  models: Models,
  options: Pick<ModelOptions, 'runtime' | 'threads' | 'folder'>,
): Promise<Verified> {
  await using embedder = await openEmbedder(id, options)
  const probesOf = async (seen: Picture, detections: readonly Detection[]) =>
    models.probes(seen, await models.look(seen, detections), embedder)
  const first = await probesOf(picture, people)
  const moved = people.map((face) => ({ ...face, box: { ...face.box, x: face.box.x + SHIFT } }))
  const again = await probesOf(shifted(picture), moved)
  if (![...first, ...again].every((embedding) => Math.abs(norm(embedding) - 1) < 1e-3)) {
    throw unfit(id, 'its embeddings are not finite', 'are `mean` and `scale` right?')
  }
  const same = Math.min(...first.map((embedding, i) => similarity(embedding, again[i]!)))
  const others = first.flatMap((one, i) =>
    again.filter((_, k) => k !== i).map((two) => similarity(one, two)),
  )
  const different = Math.max(...others)
  if (same > different) return { id, task: 'embed', length: embedder.length, same, different }
  throw unfit(
    id,
    `two people are ${different.toFixed(3)} alike, one person moved a little ${same.toFixed(3)}`,
    'are `alignment`, `order`, `mean` and `scale` right?',
  )
}

function same(p: Box, q: Box): boolean {
  return iou(p, q) > SAME_PLACE
}

/** `picture` moved to the right by SHIFT pixels. */
function shifted({ width, height, data }: Picture): Picture {
  const moved = new Uint8Array(data.length)
  const [row, gap] = [width * 3, SHIFT * 3]
  for (let y = 0; y < height; y++) {
    moved.set(data.subarray(y * row, (y + 1) * row - gap), y * row + gap)
  }
  return { width, height, data: moved }
}

async function samplePicture(): Promise<Picture> {
  const row = findModel(await readManifest(), 'embed', DEFAULT_MODELS.embedder)
  return decodePicture(await readFile(join(sourceFolder(row), SAMPLE)))
}

function unfit(id: string, what: string, hint: string): Refusal {
  return new Refusal('model.unfit', `${id} does not recognise: ${what}`, { hint })
}
