import { type Embedding, similarity } from '@vedette/shared/embedding'

/** How often a face that is followed is held against what it looked like, scene milliseconds. */
const CHECK_EVERY_MS = 2000
/**
 * Less alike than this, two chips of one track show two people. Of strangers one in 300 is more alike;
 * chips of one walk are 0.95 and more.
 */
const SAME_PERSON = 0.93
/** How long a track that is seen no more is remembered, scene milliseconds. */
const FORGET_AFTER_MS = 60_000

/**
 * What the face of each track last looked like. A tracker goes by place: where one person takes
 * another's, only the look tells, and the second must be asked about too.
 */
export class Likeness {
  readonly #last = new Map<string, { probe: Embedding; at: number }>()

  /** True when the face of `track` was not looked at for a while. */
  due(track: string, at: number): boolean {
    const last = this.#last.get(track)
    return last !== undefined && at - last.at >= CHECK_EVERY_MS
  }

  /** True when `probe` may be of the face that `track` had. */
  fits(track: string, probe: Embedding): boolean {
    const last = this.#last.get(track)
    return last === undefined || similarity(last.probe, probe) >= SAME_PERSON
  }

  note(track: string, probe: Embedding, at: number): void {
    this.#last.set(track, { probe, at })
  }

  /** Drops what was kept about tracks that ended long before `at`. */
  forget(at: number): void {
    for (const [track, last] of this.#last) {
      if (at - last.at > FORGET_AFTER_MS) this.#last.delete(track)
    }
  }
}
