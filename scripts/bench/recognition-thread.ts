import { readFile } from 'node:fs/promises'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { decodePicture } from '@vedette/models/picture'
import { FaceFinder } from '@vedette/server/gallery/face-finder'
import { serve } from '@vedette/server/thread'
import type { Embedding } from '@vedette/shared/embedding'

/** A face embedded in every way that is compared, and the milliseconds that each way took. */
export type Ways = {
  plain: Embedding
  mirrored: Embedding
  /** Landmarks found twice, and mirrored. */
  closer: Embedding
  /** The same with jittered chips. */
  jittered: Embedding
  /** As `closer` of the same face seen from afar; undefined where it is that small. */
  far: Embedding | undefined
  quality: number
  ms: Record<'plain' | 'mirrored' | 'closer' | 'jittered', number>
}

const opening = FaceFinder.open(DEFAULT_MODELS)

serve<{ file: string }, Ways | undefined>(async ({ file }) => {
  const finder = await opening
  const { models } = finder
  const picture = await decodePicture(await readFile(file))
  const face = await finder.findSitter(picture)
  if (face === undefined) return undefined
  const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    const started = performance.now()
    const result = await work()
    return [result, performance.now() - started]
  }
  const [[plain], plainMs] = await timed(() => models.embed([face.chip], { mirror: false }))
  const [[mirrored], mirroredMs] = await timed(() => models.embed([face.chip], { mirror: true }))
  const [[closer], closerMs] = await timed(() => models.probes(picture, [face]))
  const [{ template: jittered }, jitteredMs] = await timed(() => models.portray(picture, face))
  return {
    plain: plain!,
    mirrored: mirrored!,
    closer: closer!,
    jittered,
    far: await models.fromAfar(picture, face),
    quality: face.quality.overall,
    ms: { plain: plainMs, mirrored: mirroredMs, closer: closerMs, jittered: jitteredMs },
  }
})
