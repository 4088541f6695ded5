import { Bell } from '@vedette/shared/bell'

/** A part of the stream: its head with what stands before it, and the picture. */
export type Part = { head: Uint8Array; picture: Uint8Array | undefined }

/** A camera is shown this much of a pause too early all the same: pictures do not come on the dot. */
const EARLY = 0.3

type Seen = { due: number; pictures: number; missed: number }

/**
 * What one person looks at. Of each camera there is the newest picture and no other: who is slow sees
 * fewer of them, never older ones, and keeps nobody waiting.
 */
export class Viewer {
  readonly #pause: number
  readonly #slots = new Map<string, Part>()
  /** What is said but for pictures, by what it is said of: the last word stands. */
  readonly #words = new Map<string, Part>()
  readonly #sees: (list: string) => boolean
  readonly #seen = new Map<string, Seen>()
  readonly #news = new Bell()

  /** `sees` tells of which lists whoever looks may know. */
  constructor(fps: number, sees: (list: string) => boolean) {
    this.#sees = sees
    this.#pause = 1000 / fps
  }

  /** What was sent of a camera, and how often a newer picture came before one could be. */
  counts(camera: string): { pictures: number; missed: number } {
    const { pictures, missed } = this.#of(camera)
    return { pictures, missed }
  }

  /** There is a picture of `camera`, at `now`, epoch milliseconds. */
  show(camera: string, part: Part, now: number): void {
    const seen = this.#of(camera)
    if (now < seen.due - EARLY * this.#pause) return
    seen.due = (now - seen.due < this.#pause ? seen.due : now) + this.#pause
    if (this.#slots.delete(camera)) seen.missed++
    this.#slots.set(camera, part)
    this.#news.ring()
  }

  /** Why there is none, or that one is to come. */
  tell(camera: string, part: Part): void {
    this.#slots.delete(camera)
    this.#words.set(camera, part)
    this.#news.ring()
  }

  /** What `track` follows is what an alert about somebody on `list` is about. */
  match(track: string, list: string, part: Part): void {
    if (!this.#sees(list)) return
    this.#words.set(track, part)
    this.#news.ring()
  }

  /** Something to look at, or to stop looking. */
  wake(): void {
    this.#news.ring()
  }

  /** What is to be sent next; undefined where there is nothing new. */
  next(): Part | undefined {
    for (const [about, part] of this.#words) {
      this.#words.delete(about)
      return part
    }
    for (const [camera, part] of this.#slots) {
      this.#slots.delete(camera)
      this.#of(camera).pictures++
      return part
    }
    return undefined
  }

  /** Resolves when there may be something. */
  news(): Promise<void> {
    return this.#news.wait()
  }

  #of(camera: string): Seen {
    const seen = this.#seen.get(camera) ?? { due: 0, pictures: 0, missed: 0 }
    this.#seen.set(camera, seen)
    return seen
  }
}
