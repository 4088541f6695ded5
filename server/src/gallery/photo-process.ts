import process from 'node:process'
import { type Behaviour, Cohort } from '@vedette/models/cohort'
import { squareAround } from '@vedette/models/geometry'
import {
  DEFAULT_MODELS,
  type Face,
  type ModelOptions,
  type OpenEmbedder,
  openEmbedder,
} from '@vedette/models/models'
import {
  boundPictures,
  cropJpeg,
  decodePicture,
  encodeWebp,
  type Picture,
} from '@vedette/models/picture'
import type { Embedding } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { serveParent } from '../child.ts'
import { chipProbe } from '../evidence/chip-probe.ts'
import { FaceFinder } from './face-finder.ts'
import { foreground, type Look } from './look.ts'
import { GOOD_ENOUGH } from './photo-verdict.ts'
import type { Likeness, Portrait } from './portrait.ts'

/** What is asked of the process. */
export type PhotoRequest =
  /** A photograph to be enrolled; `face` (1 is the leftmost) chooses among several. */
  | { kind: 'look'; bytes: Uint8Array; face: number | undefined; spaces: Spaces }
  /** A photograph as it is kept: its template in another space. */
  | { kind: 'again'; bytes: Uint8Array; space: string }
  /** A drawing that is to be shown as it is: nothing of the file itself is left. */
  | { kind: 'redraw'; bytes: Uint8Array }
  /** The chip of a question: its probe in another space. */
  | { kind: 'chip'; bytes: Uint8Array; space: string }
  /** How these would behave among strangers. */
  | { kind: 'behave'; space: string; vectors: Embedding[] }
  | { kind: 'open'; space: string }

/** One embedding space at least. */
export type Spaces = readonly [string, ...string[]]

export type PhotoReply =
  | { kind: 'look'; look: Look }
  | { kind: 'likeness'; likeness: Likeness }
  | { kind: 'embedding'; embedding: Embedding }
  | { kind: 'behaviour'; behaviour: Behaviour[] | undefined }
  | { kind: 'opened' }
  | { kind: 'redrawn'; drawing: Drawing }

/** A picture as it is kept to be shown; width and height in pixels. */
export type Drawing = { width: number; height: number; webp: Uint8Array }

const KEPT_SURROUNDINGS = 1
const KEPT_SIDE = 512
/** A photograph of more pixels is looked at smaller: more are only memory. */
const ENOUGH_PIXELS = 3840 * 2160

const options: ModelOptions = {
  ...DEFAULT_MODELS,
  ...(JSON.parse(process.argv[2]!) as Partial<ModelOptions>),
}
boundPictures()
const opening = FaceFinder.open(options)

const embedders = new Map<string, OpenEmbedder>()

const cohorts = new Map<string, Promise<Cohort | undefined>>()

// Drawn before it is asked for: that takes half a second.
void opening.then(() => behave({ space: options.embedder, vectors: [] }))

serveParent(handle)

async function handle(request: PhotoRequest): Promise<PhotoReply> {
  switch (request.kind) {
    case 'look':
      return { kind: 'look', look: await look(request) }
    case 'again':
      return { kind: 'likeness', likeness: await again(request) }
    case 'chip':
      return { kind: 'embedding', embedding: await probe(request) }
    case 'behave':
      return { kind: 'behaviour', behaviour: await behave(request) }
    case 'redraw':
      return { kind: 'redrawn', drawing: await redraw(request.bytes) }
    case 'open':
      await embedderOf(request.space)
      return { kind: 'opened' }
  }
}

async function look({
  bytes,
  face: wanted,
  spaces,
}: Extract<PhotoRequest, { kind: 'look' }>): Promise<Look> {
  const finder = await opening
  const picture = await decodePicture(bytes, { most: ENOUGH_PIXELS })
  const found = await finder.find(picture)
  const faces = foreground(found)
  const number = wanted ?? (faces.length === 1 ? 1 : undefined)
  const face = number === undefined ? undefined : faces[number - 1]
  const good = face !== undefined && face.quality.overall >= GOOD_ENOUGH
  return {
    width: picture.width,
    height: picture.height,
    faces: faces.map(({ box, quality }) => ({ box, quality })),
    background: found.length - faces.length,
    chosen: face === undefined ? undefined : number,
    portrait: good ? await portray(picture, face, spaces) : undefined,
  }
}

async function portray(picture: Picture, face: Face, spaces: Spaces): Promise<Portrait> {
  const [first, ...others] = spaces
  const likeness = await likenessOf(picture, face, first)
  const also = []
  for (const space of others) also.push(await likenessOf(picture, face, space))
  const jpeg = await cropJpeg(picture, squareAround(face.box, KEPT_SURROUNDINGS), KEPT_SIDE)
  return { jpeg, ...likeness, also, quality: face.quality.overall }
}

async function redraw(bytes: Uint8Array): Promise<Drawing> {
  const picture = await decodePicture(bytes, { most: ENOUGH_PIXELS, ground: 'white' })
  const { width, height } = picture
  return { width, height, webp: await encodeWebp(picture) }
}

async function behave({
  space,
  vectors,
}: Omit<Extract<PhotoRequest, { kind: 'behave' }>, 'kind'>): Promise<Behaviour[] | undefined> {
  const opened = cohorts.get(space) ?? Cohort.open(space, options.folder)
  cohorts.set(space, opened)
  return (await opened)?.behaviourOf(vectors)
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
  return chipProbe(bytes, models, embedder)
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
