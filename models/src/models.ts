import { centreOf, type Embedding } from '@vedette/shared/embedding'
import { type Detection, type DetectOptions, Detector } from './detector.ts'
import { type Chip, Embedder } from './embedder.ts'
import { LandmarkFinder, type Landmarks } from './landmarks.ts'
import { findModel, type ModelTask, readManifest } from './manifest.ts'
import type { Picture } from './picture.ts'
import { judge, type Quality } from './quality.ts'
import type { Runtime } from './runtime/runtime.ts'

export type ModelOptions = {
  /** `auto` is onnx where its library loads, else tfjs. */
  runtime: 'auto' | 'onnx' | 'tfjs'
  /** Threads one network may use at a time; the tfjs runtime has one. */
  threads: number
  detector: string
  landmarks: string
  embedder: string
}

export const DEFAULT_MODELS: ModelOptions = {
  runtime: 'auto',
  threads: 1,
  detector: 'tiny-face-detector',
  landmarks: 'landmarks-68',
  embedder: 'dlib-resnet29-1',
}

/** A detection looked at closely: ready to be judged, and to be embedded. */
export type Face = Detection & { landmarks: Landmarks; chip: Chip; quality: Quality }

type Parts = { detector: Detector; landmarks: LandmarkFinder; embedder: Embedder }

/** Everything that sees, opened from verified files: the one path from pixels to embedding. */
export class Models {
  /** What computes, for reports. */
  readonly description: string
  readonly #parts: Parts
  readonly #close: () => Promise<unknown>

  private constructor(description: string, parts: Parts, close: () => Promise<unknown>) {
    this.description = description
    this.#parts = parts
    this.#close = close
  }

  /** Throws IntegrityFault `model.*` where a file is missing, changed or unknown. */
  static async open(options: Partial<ModelOptions> = {}): Promise<Models> {
    const chosen = { ...DEFAULT_MODELS, ...options }
    const runtime = await openRuntime(chosen)
    const rows = await readManifest()
    const open = async <T extends ModelTask>(task: T, id: string) => {
      const row = findModel(rows, task, id)
      return { row, network: await runtime.open(row) }
    }
    const [detector, landmarks, embedder] = await Promise.all([
      open('detect', chosen.detector),
      open('landmarks', chosen.landmarks),
      open('embed', chosen.embedder),
    ])
    const parts = {
      detector: new Detector(detector.row, detector.network),
      landmarks: new LandmarkFinder(landmarks.row, landmarks.network),
      embedder: new Embedder(embedder.row, embedder.network),
    }
    const networks = [detector.network, landmarks.network, embedder.network]
    return new Models(runtime.description, parts, () =>
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

  /** Finds landmarks, cuts the chip and judges it, for every detection. */
  async look(picture: Picture, detections: readonly Detection[]): Promise<Face[]> {
    const boxes = detections.map(({ box }) => box)
    const found = await this.#parts.landmarks.find(picture, boxes)
    return detections.map((detection, i) => {
      const landmarks = found[i]!
      const chip = this.#parts.embedder.chip(picture, landmarks)
      return {
        ...detection,
        landmarks,
        chip,
        quality: judge(chip, landmarks, detection.box, picture),
      }
    })
  }

  /** The same faces with landmarks found a second time, and chips cut by those. */
  async lookCloser(picture: Picture, faces: readonly Face[]): Promise<Face[]> {
    const first = faces.map(({ landmarks }) => landmarks)
    const second = await this.#parts.landmarks.refine(picture, first)
    return faces.map((face, i) => {
      const landmarks = second[i]!
      return { ...face, landmarks, chip: this.#parts.embedder.chip(picture, landmarks) }
    })
  }

  /** One embedding a face, for asking who it is: a closer look, and its mirror image. */
  async probes(picture: Picture, faces: readonly Face[]): Promise<Embedding[]> {
    const closer = await this.lookCloser(picture, faces)
    return this.embed(
      closer.map(({ chip }) => chip),
      { mirror: true },
    )
  }

  /**
   * One face as it is kept, `template`: a closer look and the sum over jittered chips; and as it would
   * be asked about, see `probes`.
   */
  async portray(picture: Picture, face: Face): Promise<{ template: Embedding; probe: Embedding }> {
    const { embedder } = this.#parts
    const [closer] = await this.lookCloser(picture, [face])
    const chips = embedder.jittered(picture, closer!.chip)
    const views = await embedder.embed(chips, { mirror: true })
    return { template: centreOf(views), probe: views[0]! }
  }

  /** Embeddings of `chips`, in one batch; see Embedder.embed. */
  embed(chips: readonly Chip[], options: { mirror: boolean }): Promise<Embedding[]> {
    return this.#parts.embedder.embed(chips, options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }
}

/** One more detector, for those who look twice. Throws as Models.open does. */
export async function openDetector(
  id: string,
  options: Pick<ModelOptions, 'runtime' | 'threads'>,
): Promise<Detector> {
  const runtime = await openRuntime(options)
  const row = findModel(await readManifest(), 'detect', id)
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
