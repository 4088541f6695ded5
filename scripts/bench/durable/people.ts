import { DEFAULT_MODELS } from '@vedette/models/models'
import { encodeJpeg } from '@vedette/models/picture'
import { testFace } from '@vedette/models/test-face'
import { SERVER_HAND } from '@vedette/server/hand'
import { NOTHING_SAID } from '@vedette/server/store/entry-rows'
import type { Store } from '@vedette/server/store/store'
import { FormData } from 'undici'
import { facelike, seeded } from '../measure.ts'
import { nameOf } from './deeds.ts'

export const SPACE = DEFAULT_MODELS.embedder
const LENGTH = 128
const SEED = 11

/** What the faces of `count` people are like; whoever asks with one of them is that person. */
export const facesOf = (count: number) => facelike(count, LENGTH, seeded(SEED))

/** Enrols people with as many photographs each, as the store keeps them. */
export async function populate(
  store: Store,
  faces: readonly Float32Array[],
  photos: number,
): Promise<void> {
  const jpeg = await face()
  const near = facelike(photos, LENGTH, seeded(SEED + 1))
  for (const [person, template] of faces.entries()) {
    const shots = Array.from({ length: photos }, (_, i) =>
      i === 0 ? template : nearer(template, near[i]!),
    )
    await store.entries.add(
      {
        ...{ ...NOTHING_SAID, name: nameOf(person), list: 'wanted' },
        ...{ createdAt: Date.now(), hand: SERVER_HAND },
      },
      shots.map((one) => ({ jpeg, quality: 0.9, template: one, space: SPACE })),
    )
  }
}

/** A picture of nobody, JPEG. */
export async function face(side = 320): Promise<Buffer> {
  return encodeJpeg(await testFace(side), 95)
}

/** What the desk is sent to enrol somebody with that picture. */
export function formOf(name: string, jpeg: Uint8Array): FormData {
  const form = new FormData()
  form.append('name', name)
  // It is the same face each time.
  form.append('anyway', 'true')
  form.append('photo', new Blob([new Uint8Array(jpeg)]), `${name}.jpg`)
  return form
}

/** A unit vector most of the way from `other` to `one`. */
function nearer(one: Float32Array, other: Float32Array): Float32Array {
  const mixed = one.map((value, i) => 0.9 * value + 0.1 * other[i]!)
  const scale = 1 / Math.hypot(...mixed)
  return mixed.map((value) => value * scale)
}
