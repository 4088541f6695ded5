import { type Quality, type QualityAspect, weakest } from '@vedette/models/quality'
import type { ViewedFace } from '@vedette/shared/message'
import type { Track } from './tracker.ts'

type Looked = { quality: number; weakest: QualityAspect }

/** What was found of the faces that are followed, for whoever looks on. */
export class Present {
  readonly #minQuality: number
  readonly #looked = new Map<string, Looked>()

  constructor(minQuality: number) {
    this.#minQuality = minQuality
  }

  /** A chip of `track` was looked at closely. */
  note(track: string, quality: Quality): void {
    this.#looked.set(track, { quality: quality.overall, weakest: weakest(quality) })
  }

  /** Forgets all but `tracks`. */
  keep(tracks: readonly Track[]): void {
    const ids = new Set(tracks.map(({ id }) => id))
    for (const id of this.#looked.keys()) if (!ids.has(id)) this.#looked.delete(id)
  }

  /** What is to be said of a track that has asked so many questions. */
  face({ id, box }: Track, asked: number): ViewedFace {
    const looked = this.#looked.get(id)
    const { x, y, width, height } = box
    const poor = looked !== undefined && asked === 0 && looked.quality < this.#minQuality
    return {
      track: id,
      box: [x, y, width, height],
      asked,
      ...(looked !== undefined && { quality: looked.quality }),
      ...(poor && { poor: looked.weakest }),
    }
  }
}
