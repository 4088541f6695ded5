import type { Picture } from '@vedette/models/picture'
import { Unavailable } from '@vedette/shared/errors'

/*
 * A stream of binary PPM pictures, as ffmpeg writes them; every picture says its own size.
 *
 *   P6 ⏎ WIDTH space HEIGHT ⏎ 255 ⏎ then WIDTH · HEIGHT · 3 bytes: red, green, blue
 *
 * Source: http://netpbm.sourceforge.net/doc/ppm.html
 */

const HEADER = /^P6\n(\d{1,5}) (\d{1,5})\n255\n$/
const LONGEST_HEADER = 32
const MOST_PIXELS = 3840 * 2160

/** Cuts a byte stream into pictures. */
export class PpmReader {
  #header = ''
  #picture: Picture | undefined
  #filled = 0;

  /** Yields every picture that `chunk` completes. Throws Unavailable `camera.bad-frames`. */
  *push(chunk: Uint8Array): Generator<Picture, void, undefined> {
    let at = 0
    while (at < chunk.length) {
      if (this.#picture === undefined) {
        this.#header += String.fromCharCode(chunk[at++]!)
        this.#judge()
        continue
      }
      const { data } = this.#picture
      const part = chunk.subarray(at, at + data.length - this.#filled)
      data.set(part, this.#filled)
      at += part.length
      this.#filled += part.length
      if (this.#filled === data.length) yield this.#take(this.#picture)
    }
  }

  #judge(): void {
    const newlines = this.#header.split('\n').length - 1
    if (newlines < 3 && this.#header.length <= LONGEST_HEADER) return
    const [, width, height] = HEADER.exec(this.#header) ?? []
    const [w, h] = [Number(width), Number(height)]
    if (!(w > 0 && h > 0 && w * h <= MOST_PIXELS)) {
      const shown = JSON.stringify(this.#header.slice(0, LONGEST_HEADER))
      throw new Unavailable('camera.bad-frames', `not a usable picture: ${shown}`)
    }
    this.#picture = { width: w, height: h, data: new Uint8Array(w * h * 3) }
    this.#filled = 0
  }

  #take(picture: Picture): Picture {
    this.#header = ''
    this.#picture = undefined
    return picture
  }
}
