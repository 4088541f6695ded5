import { type Signal, signal } from '@preact/signals'
import type { PhotoVerdict } from '@vedette/server/gallery/photo-verdict'
import {
  cut,
  type Kind,
  LARGE_BYTES,
  MOST_BYTES,
  MOST_PIXELS,
  measure,
  shrink,
} from './pictures.ts'

/** Most photographs of one person at a time. */
export const MOST_SHOTS = 10

/** Why a photograph is not even asked about. */
export type Obstacle = 'heic' | 'other' | 'large' | 'pixels'

/** A photograph that somebody may be enrolled with. */
export type Shot = {
  id: number
  /** Undefined for a sighting: the desk has that picture itself. */
  file: Blob | undefined
  name: string
  /** Where the browser shows it from. */
  url: string
  source: string
  taken: string
  /** The face that was chosen, 1 is the first from the left. */
  face: number | undefined
  obstacle: Obstacle | undefined
  /** It could be sent with fewer bytes. */
  isLarge: boolean
  verdict: PhotoVerdict | undefined
}

let count = 0

/** The photographs of one enrolment in the making. Owns the addresses that the browser shows them from. */
export class Shots {
  readonly all: Signal<readonly Shot[]> = signal([])

  /** Puts the picture of a sighting first. */
  addSighting(name: string, url: string): void {
    const shot: Shot = { ...blank(name), file: undefined, url }
    this.all.value = [shot, ...this.all.peek()]
  }

  /** Gives how many there was no room for. */
  async add(files: readonly { file: Blob; name: string; source?: string }[]): Promise<number> {
    const room = MOST_SHOTS - this.all.peek().length
    for (const { file, name, source = '' } of files.slice(0, Math.max(0, room))) {
      const measured = await measure(file)
      const shot = { ...blank(name), file, source, url: URL.createObjectURL(file) }
      this.all.value = [...this.all.peek(), { ...shot, ...judged(file, measured) }]
    }
    return Math.max(0, files.length - room)
  }

  change(id: number, change: Partial<Shot>): void {
    this.all.value = this.all.peek().map((shot) => (shot.id === id ? { ...shot, ...change } : shot))
  }

  remove(id: number): void {
    this.#forget(this.all.peek().filter((shot) => shot.id === id))
    this.all.value = this.all.peek().filter((shot) => shot.id !== id)
  }

  /** Sends less of it. */
  async shrink(id: number): Promise<void> {
    await this.#redraw(id, shrink)
  }

  /** Leaves only `area` of it, in parts of its width and height. */
  async cut(id: number, area: { x: number; y: number; width: number; height: number }) {
    await this.#redraw(id, async (file) => {
      const { width, height } = await measure(file)
      return cut(file, {
        x: Math.round(area.x * width),
        y: Math.round(area.y * height),
        width: Math.round(area.width * width),
        height: Math.round(area.height * height),
      })
    })
  }

  clear(): void {
    this.#forget(this.all.peek())
    this.all.value = []
  }

  async #redraw(id: number, draw: (file: Blob) => Promise<Blob>): Promise<void> {
    const shot = this.all.peek().find((one) => one.id === id)
    if (shot?.file === undefined) return
    const file = await draw(shot.file)
    const measured = await measure(file)
    this.#forget([shot])
    const drawn = { file, url: URL.createObjectURL(file), verdict: undefined, face: undefined }
    this.change(id, { ...drawn, ...judged(file, measured), isLarge: false })
  }

  #forget(shots: readonly Shot[]): void {
    for (const { url, file } of shots) if (file !== undefined) URL.revokeObjectURL(url)
  }
}

function blank(name: string): Omit<Shot, 'file' | 'url'> {
  const nothing = { source: '', taken: '', face: undefined, obstacle: undefined }
  return { id: ++count, name, ...nothing, isLarge: false, verdict: undefined }
}

function judged(
  file: Blob,
  { kind, width, height }: { kind: Kind; width: number; height: number },
): Pick<Shot, 'obstacle' | 'isLarge'> {
  const isLarge = file.size > LARGE_BYTES
  if (kind === 'heic' || kind === 'other') return { obstacle: kind, isLarge: false }
  if (file.size > MOST_BYTES) return { obstacle: 'large', isLarge }
  if (width * height > MOST_PIXELS) return { obstacle: 'pixels', isLarge }
  return { obstacle: undefined, isLarge }
}
