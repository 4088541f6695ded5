import type { Embedding } from '@vedette/shared/embedding'
import { align } from './align.ts'
import type { Detection } from './detection.ts'
import { type DetectOptions, Detector } from './detector.ts'
import { type Chip, cutChip, Embedder } from './embedder.ts'
import { squareAround } from './geometry.ts'
import { LandmarkFinder, type Landmarks } from './landmarks.ts'
import { findModel, type ModelTask } from './manifest.ts'
import { cropSmaller, type Picture } from './picture.ts'
import { judge, type Quality } from './quality.ts'
import { readModels } from './registry.ts'
import type { Runtime } from './runtime/runtime.ts'

export type ModelOptions = {
  /** `auto` is onnx where its library loads, else tfjs. */
  runtime: 'auto' | 'onnx' | 'tfjs'
  /** Threads one network may use at a time; the tfjs runtime has one. */
  threads: number
  detector: string
  landmarks: string
  embedder: string
  /** Folder of the installed models; without one there are those that ship. */
  folder?: string | undefined
}

export const DEFAULT_MODELS: ModelOptions = {
  runtime: 'auto',
  threads: 1,
  detector: 'tiny-face-detector',
  landmarks: 'landmarks-68',
  embedder: 'dlib-resnet29-1',
}

/** Side of the chip that quality is judged by, which is one for all embedders, pixels. */
const JUDGED_SIZE = 150

/**
 * A face whose box is narrower, pixels, is held against faces seen from afar, too: they miss fewer of it
 * (decision 16). A larger one is not, they would only be more chances to be mistaken.
 */
export const FAR_SIDE = 72

/** Distance between the eyes of a face seen from afar, pixels. */
const FAR_EYES = 12
/** A face that would be shrunk by less is far already. */
const LEAST_SHRINKING = 0.75
/** What is looked at around a face seen from afar, as a share of its box. */
const FAR_SURROUNDINGS = 1

/** A detection looked at closely: judged by its chip, ready to be embedded. */
export type Face = Detection & { landmarks: Landmarks; chip: Chip; quality: Quality }

type Parts = { detector: Detector; landmarks: LandmarkFinder; embedder: OpenEmbedder }

/** An embedder that owns its network. */
export type OpenEmbedder = Embedder & AsyncDisposable

/** Everything that sees, opened from verified files: the one path from pixels to embedding. */
export class Models {
  /** What computes, for reports. */
  readonly description: string
  /** The model that finds faces, and the SHA-256 of its file. */
  readonly finder: { id: string; sha256: string }
  readonly #parts: Parts
  readonly #close: () => Promise<unknown>

  private constructor(
    description: string,
    finder: Models['finder'],
    parts: Parts,
    close: () => Promise<unknown>,
  ) {
    this.description = description
    this.finder = finder
    this.#parts = parts
    this.#close = close
  }

  /** Throws IntegrityFault `model.*` where a file is missing, changed or unknown. */
  static async open(options: Partial<ModelOptions> = {}): Promise<Models> {
    const chosen = { ...DEFAULT_MODELS, ...options }
    const runtime = await openRuntime(chosen)
    const rows = await readModels(chosen.folder)
    const open = async <T extends ModelTask>(task: T, id: string) => {
      const row = findModel(rows, task, id)
      return { row, network: await runtime.open(row) }
    }
    const [detector, landmarks, embedder] = await Promise.all([
      open('detect', chosen.detector),
      open('landmarks', chosen.landmarks),
      openEmbedder(chosen.embedder, chosen),
    ])
    const parts = {
      detector: new Detector(detector.row, detector.network),
      landmarks: new LandmarkFinder(landmarks.row, landmarks.network),
      embedder,
    }
    const networks = [detector.network, landmarks.network]
    const { id, sha256 } = detector.row
    return new Models(runtime.description, { id, sha256 }, parts, () =>
      Promise.all(networks.map((network) => network.close())),
    )
  }

  /** Runs everything once, so that the first frame does not wait for what is built on first use. */
  async warm(width: number, height: number, inputs: readonly number[]): Promise<void> {
    const picture = { width, height, data: new Uint8Array(width * height * 3).fill(127) }
    await this.detect(picture, { inputs, minScore: 0.9 })
    const box = { x: width / 4, y: height / 4, width: height / 2, height: height / 2 }
    const faces = await this.look(picture, [{ box, score: 1 }])
    await this.probes(picture, faces)
  }

  /** Names the embedding space; templates and probes of different spaces are never compared. */
  get space(): string {
    return this.#parts.embedder.space
  }

  /** Components of an embedding. */
  get embeddingLength(): number {
    return this.#parts.embedder.length
  }

  /** Faces in `picture`, surest first. */
  detect(picture: Picture, options: DetectOptions): Promise<Detection[]> {
    return this.#parts.detector.detect(picture, options)
  }

  /** Of one person, two chips of one walk are at least as alike as this. */
  get oneWalk(): number {
    return this.#parts.embedder.oneWalk
  }

  /**
   * From here on `embedder` embeds, in its own space, and is closed with the rest; gives back the one
   * before, to be closed when nothing that was begun with it is under way any more.
   */
  adopt(embedder: OpenEmbedder): OpenEmbedder {
    const before = this.#parts.embedder
    this.#parts.embedder = embedder
    return before
  }

  /** Finds landmarks and judges the face by a chip, for every detection. */
  async look(picture: Picture, detections: readonly Detection[]): Promise<Face[]> {
    const boxes = detections.map(({ box }) => box)
    const found = await this.#parts.landmarks.find(picture, boxes)
    return detections.map((detection, i) => {
      const landmarks = found[i]!
      const chip = cutChip(picture, align(landmarks, JUDGED_SIZE), JUDGED_SIZE)
      return {
        ...detection,
        landmarks,
        chip,
        quality: judge(chip, landmarks, detection.box, picture),
      }
    })
  }

  /**
   * One embedding a face, for asking who it is: landmarks found a second time, and the chip's mirror
   * image, too. In the space of the embedder that is here when this is called, or of the one given.
   */
  async probes(
    picture: Picture,
    faces: readonly Face[],
    embedder: Embedder = this.#parts.embedder,
  ): Promise<Embedding[]> {
    return embedder.embed(await this.#closerChips(picture, faces, embedder), { mirror: true })
  }

  /**
   * One face as it is kept, `template`: a closer look and the sum over jittered chips; and as it would
   * be asked about, see `probes`.
   */
  async portray(
    picture: Picture,
    face: Face,
    embedder: Embedder = this.#parts.embedder,
  ): Promise<{ template: Embedding; probe: Embedding }> {
    const [chip] = await this.#closerChips(picture, [face], embedder)
    return embedder.portray(picture, chip!)
  }

  /**
   * The same face as a camera far away would show it, embedded as a probe; undefined where it is as
   * small already. Small faces are more like it than like the face seen close.
   */
  async fromAfar(
    picture: Picture,
    face: Face,
    embedder: Embedder = this.#parts.embedder,
  ): Promise<Embedding | undefined> {
    const scale = FAR_EYES / face.quality.eyeDistance
    if (scale > LEAST_SHRINKING) return undefined
    const around = squareAround(face.box, FAR_SURROUNDINGS)
    const small = await cropSmaller(picture, around, scale)
    const [x, y] = [Math.round(around.x), Math.round(around.y)]
    const box = {
      x: (face.box.x - x) * scale,
      y: (face.box.y - y) * scale,
      width: face.box.width * scale,
      height: face.box.height * scale,
    }
    const seen = await this.look(small, [{ box, score: face.score }])
    const [embedding] = await this.probes(small, seen, embedder)
    return embedding
  }

  async #closerChips(picture: Picture, faces: readonly Face[], embedder: Embedder) {
    const first = faces.map(({ landmarks }) => landmarks)
    const second = await this.#parts.landmarks.refine(picture, first)
    return faces.map(({ points }, i) => embedder.chip(picture, second[i]!, points))
  }

  /** Embeddings of `chips`, in one batch; see Embedder.embed. */
  embed(chips: readonly Chip[], options: { mirror: boolean }): Promise<Embedding[]> {
    return this.#parts.embedder.embed(chips, options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.embedder[Symbol.asyncDispose]()
    await this.#close()
  }
}

/** An embedder of its own, for another space. Throws as Models.open does. */
export async function openEmbedder(
  id: string,
  options: Pick<ModelOptions, 'runtime' | 'threads' | 'folder'>,
): Promise<OpenEmbedder> {
  const runtime = await openRuntime(options)
  const row = findModel(await readModels(options.folder), 'embed', id)
  const network = await runtime.open(row)
  try {
    return Object.assign(new Embedder(row, network), {
      [Symbol.asyncDispose]: () => network.close(),
    })
  } catch (error) {
    await network.close()
    throw error
  }
}

/** One more detector, for those who look twice. Throws as Models.open does. */
export async function openDetector(
  id: string,
  options: Pick<ModelOptions, 'runtime' | 'threads' | 'folder'>,
): Promise<Detector> {
  const runtime = await openRuntime(options)
  const row = findModel(await readModels(options.folder), 'detect', id)
  return new Detector(row, await runtime.open(row))
}

/** Loads one runtime and not the other: tfjs takes a second and 100 MB to load. */
async function openRuntime({
  runtime,
  threads,
}: Pick<ModelOptions, 'runtime' | 'threads'>): Promise<Runtime> {
  if (runtime === 'tfjs') return (await import('./runtime/tfjs.ts')).tfjsRuntime()
  try {
    return (await import('./runtime/onnx.ts')).onnxRuntime(threads)
  } catch (error) {
    if (runtime === 'onnx') throw error
    return (await import('./runtime/tfjs.ts')).tfjsRuntime()
  }
}
