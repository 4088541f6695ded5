import { workerData } from 'node:worker_threads'
import { squareAround } from '@vedette/models/geometry'
import {
  DEFAULT_MODELS,
  type Face,
  type ModelOptions,
  type OpenEmbedder,
  openEmbedder,
} from '@vedette/models/models'
import { cropJpeg, decodePicture, type Picture } from '@vedette/models/picture'
import { type QualityAspect, weakest } from '@vedette/models/quality'
import type { Embedding } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { SURROUNDINGS } from '@vedette/shared/message'
import { serve } from '../thread.ts'
import { FaceFinder } from './face-finder.ts'

/** What is asked of the thread. */
export type PhotoRequest =
  /** A photograph to be enrolled; `face` (1 is the leftmost) chooses among several. */
  | { kind: 'enrol'; bytes: Uint8Array; face: number | undefined; spaces: Spaces }
  /** A photograph as it is kept: its template in another space. */
  | { kind: 'again'; bytes: Uint8Array; space: string }
  /** The chip of a question: its probe in another space. */
  | { kind: 'chip'; bytes: Uint8Array; space: string }
  | { kind: 'open'; space: string }

/** One embedding space at least. */
export type Spaces = readonly [string, ...string[]]

/** What is kept of a photograph. */
export type Portrait = {
  /** The face and its surroundings, re-encoded: nothing else of the file is kept. */
  jpeg: Uint8Array
  quality: number
  /** In the first space asked for, and in the others. */
  also: Likeness[]
} & Likeness

/** A face as it is kept in one space: seen close, and from afar where that is any smaller. */
export type Likeness = { space: string; template: Embedding; far: Embedding | undefined }

export type PhotoReply =
  | { kind: 'portrait'; portrait: Portrait }
  | { kind: 'likeness'; likeness: Likeness }
  | { kind: 'embedding'; embedding: Embedding }
  | { kind: 'opened' }

/** A face with eyes less than this share as far apart as the largest one's is background. */
const BACKGROUND = 0.5
const MIN_QUALITY = 0.35
const KEPT_SURROUNDINGS = 1
const KEPT_SIDE = 512

const WORDS: Record<QualityAspect, string> = {
  size: 'it is too small: the eyes should be at least 14 pixels apart',
  sharpness: 'it is blurred',
  pose: 'it is turned away',
  exposure: 'it is too dark, too bright or without contrast',
  whole: 'a part of it is cut off',
  shape: 'its features cannot be told: is it covered, or no face at all?',
}

const options: ModelOptions = { ...DEFAULT_MODELS, ...(workerData as Partial<ModelOptions>) }
const opening = FaceFinder.open(options)

const embedders = new Map<string, OpenEmbedder>()

serve<PhotoRequest, PhotoReply>(async (request) => {
  switch (request.kind) {
    case 'enrol':
      return { kind: 'portrait', portrait: await enrol(request) }
    case 'again':
      return { kind: 'likeness', likeness: await again(request) }
    case 'chip':
      return { kind: 'embedding', embedding: await probe(request) }
    case 'open':
      await embedderOf(request.space)
      return { kind: 'opened' }
  }
})

async function enrol({
  bytes,
  face: wanted,
  spaces,
}: Extract<PhotoRequest, { kind: 'enrol' }>): Promise<Portrait> {
  const finder = await opening
  const picture = await decodePicture(bytes)
  const face = choose(foreground(await finder.find(picture)), wanted)
  const { quality } = face
  if (quality.overall < MIN_QUALITY) {
    const share = Math.round(quality.overall * 100)
    throw new Refusal(
      'photo.poor-face',
      `the face is of quality ${share} of 100: ${WORDS[weakest(quality)]}`,
      {
        hint: 'choose a sharp, well-lit photograph in which the person looks at the camera',
      },
    )
  }
  const [first, ...others] = spaces
  const likeness = await likenessOf(picture, face, first)
  const also = []
  for (const space of others) also.push(await likenessOf(picture, face, space))
  const jpeg = await cropJpeg(picture, squareAround(face.box, KEPT_SURROUNDINGS), KEPT_SIDE)
  return { jpeg, ...likeness, also, quality: quality.overall }
}

type InSpace = { bytes: Uint8Array; space: string }

async function again({ bytes, space }: InSpace): Promise<Likeness> {
  const finder = await opening
  const picture = await decodePicture(bytes)
  const face = await finder.findSitter(picture)
  if (face === undefined) throw new Refusal('photo.no-face', 'no face is found in it again')
  return likenessOf(picture, face, space)
}

async function likenessOf(picture: Picture, face: Face, space: string): Promise<Likeness> {
  const { models } = await opening
  const embedder = await embedderOf(space)
  const { template } = await models.portray(picture, face, embedder)
  return { space, template, far: await models.fromAfar(picture, face, embedder) }
}

/** Where the face is in a chip is known: nothing need be found. */
async function probe({ bytes, space }: InSpace): Promise<Embedding> {
  const { models } = await opening
  const embedder = await embedderOf(space)
  const picture = await decodePicture(bytes)
  const around = { x: 0, y: 0, width: picture.width, height: picture.height }
  const box = squareAround(around, 1 / (1 + SURROUNDINGS) - 1)
  const faces = await models.look(picture, [{ box, score: 1 }])
  const [embedding] = await models.probes(picture, faces, embedder)
  return embedding!
}

/** The embedder of `space`; undefined for the one that the finder's models have. */
async function embedderOf(space: string): Promise<OpenEmbedder | undefined> {
  if (space === (await opening).models.space) return undefined
  const known = embedders.get(space)
  if (known !== undefined) return known
  const opened = await openEmbedder(space, options)
  embedders.set(space, opened)
  return opened
}

/** Faces that are not background, left to right. */
function foreground(faces: readonly Face[]): Face[] {
  const largest = Math.max(...faces.map(({ quality }) => quality.eyeDistance))
  return faces
    .filter(({ quality }) => quality.eyeDistance >= largest * BACKGROUND)
    .toSorted((p, q) => p.box.x - q.box.x)
}

function choose(faces: readonly Face[], wanted: number | undefined): Face {
  const [only] = faces
  if (only === undefined) {
    throw new Refusal('photo.no-face', 'there is no face in it', {
      hint: 'choose a photograph in which the whole face can be seen',
    })
  }
  if (wanted !== undefined) {
    const chosen = faces[wanted - 1]
    if (chosen !== undefined) return chosen
    throw new Refusal('photo.no-face', `there is no face ${wanted}, only ${faces.length}`)
  }
  if (faces.length === 1) return only
  throw new Refusal('photo.several-faces', `there are ${faces.length} faces in it`, {
    hint: `cut it to one face, or choose one with --face 1 … ${faces.length}, counted from the left`,
  })
}
