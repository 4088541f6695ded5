import { readFile } from 'node:fs/promises'
import { workerData } from 'node:worker_threads'
import { DEFAULT_MODELS, type ModelOptions } from '@vedette/models/models'
import { decodePicture } from '@vedette/models/picture'
import { FaceFinder } from '../gallery/face-finder.ts'
import { serve } from '../thread.ts'
import { type Damage, damaged } from './damage.ts'
import type { Asked } from './search-lists.ts'

export type DamageRequest = { file: string; eyeDistance: number; damage: Damage }

/** What a worse camera would ask about, or nothing where it would find no face. */
export type DamageReply = Asked | undefined

const options: ModelOptions = { ...DEFAULT_MODELS, ...(workerData as Partial<ModelOptions>) }
const opening = FaceFinder.open(options)

serve<DamageRequest, DamageReply>(async ({ file, eyeDistance, damage }) => {
  const finder = await opening
  const picture = await damaged(await decodePicture(await readFile(file)), eyeDistance, damage)
  const face = await finder.findSitter(picture)
  if (face === undefined) return undefined
  const [probe] = await finder.models.probes(picture, [face])
  return { probe: probe!, side: Math.max(face.box.width, face.box.height) }
})
