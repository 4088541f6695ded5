import { type Embedding, similarity } from '@vedette/shared/embedding'

/** How often a face that is followed is held against what it looked like, scene milliseconds. */
const CHECK_EVERY_MS = 2000
/** How long a track that is seen no more is remembered, scene milliseconds. */
const FORGET_AFTER_MS = 60_000

/** What a face looks like: a probe, and the embedding space that it lies in. */
export type Look = { space: string; probe: Embedding }

/**
 * What the face of each track last looked like. A tracker goes by place: where one person takes
 * another's, only the look tells, and the second must be asked about too.
 */
export class Likeness {
  readonly #last = new Map<string, Look & { at: number }>()

  /** True when the face of `track` was not looked at for a while. */
  due(track: string, at: number): boolean {
    const last = this.#last.get(track)
    return last !== undefined && at - last.at >= CHECK_EVERY_MS
  }

  /**
   * True when `look` may be of the face that `track` had: less alike than `oneWalk`, two chips show
   * two people. Looks of different spaces say nothing of each other.
   */
  fits(track: string, { space, probe }: Look, oneWalk: number): boolean {
    const last = this.#last.get(track)
    if (last === undefined || last.space !== space) return true
    return similarity(last.probe, probe) >= oneWalk
  }

  note(track: string, { space, probe }: Look, at: number): void {
    this.#last.set(track, { space, probe, at })
  }

  /** Drops what was kept about tracks that ended long before `at`. */
  forget(at: number): void {
    for (const [track, last] of this.#last) {
      if (at - last.at > FORGET_AFTER_MS) this.#last.delete(track)
    }
  }
}
