import { squareAround } from '@vedette/models/geometry'
import type { Models, OpenEmbedder } from '@vedette/models/models'
import { decodePicture } from '@vedette/models/picture'
import type { Embedding } from '@vedette/shared/embedding'
import { SURROUNDINGS } from '@vedette/shared/message'

/**
 * A probe of the face in a question's chip: where the face is in a chip is known, nothing need be
 * found. In the space of `embedder`, or of `models`. Throws Refusal `photo.*`.
 */
export async function chipProbe(
  jpeg: Uint8Array,
  models: Models,
  embedder?: OpenEmbedder,
): Promise<Embedding> {
  const picture = await decodePicture(jpeg)
  const around = { x: 0, y: 0, width: picture.width, height: picture.height }
  const box = squareAround(around, 1 / (1 + SURROUNDINGS) - 1)
  const faces = await models.look(picture, [{ box, score: 1 }])
  const [embedding] = await models.probes(picture, faces, embedder)
  return embedding!
}
