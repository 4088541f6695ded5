import type { LiveHead } from '@vedette/server/live/wire'

/** One part of the stream, see live/wire.ts of the server. */
export type Part = { head: LiveHead; picture: Uint8Array<ArrayBuffer> }

const PREFIX_BYTES = 8
/** More than any head, and any picture, may have, bytes: what says more is no such stream. */
const [LONGEST_HEAD, LARGEST_PICTURE] = [64 * 1024, 1024 * 1024]

/** Cuts the stream into its parts, wherever the network has cut it. Throws RangeError for what is none. */
export class PartReader {
  #held = new Uint8Array(0);

  *push(chunk: Uint8Array): Generator<Part, void, undefined> {
    const bytes = new Uint8Array(this.#held.length + chunk.length)
    bytes.set(this.#held)
    bytes.set(chunk, this.#held.length)
    let at = 0
    for (;;) {
      const end = this.#endOf(bytes, at)
      if (end === undefined || end > bytes.length) break
      yield partOf(bytes, at, end)
      at = end
    }
    this.#held = bytes.slice(at)
  }

  #endOf(bytes: Uint8Array<ArrayBuffer>, at: number): number | undefined {
    if (bytes.length - at < PREFIX_BYTES) return undefined
    const view = new DataView(bytes.buffer, at)
    const [head, picture] = [view.getUint32(0), view.getUint32(4)]
    if (head > LONGEST_HEAD || picture > LARGEST_PICTURE) throw new RangeError('no live pictures')
    return at + PREFIX_BYTES + head + picture
  }
}

function partOf(bytes: Uint8Array<ArrayBuffer>, at: number, end: number): Part {
  const middle = at + PREFIX_BYTES + new DataView(bytes.buffer, at).getUint32(0)
  const text = new TextDecoder().decode(bytes.subarray(at + PREFIX_BYTES, middle))
  return { head: JSON.parse(text) as LiveHead, picture: bytes.slice(middle, end) }
}
