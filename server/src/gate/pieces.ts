import { ProtocolFault } from '@vedette/shared/errors'
import { LEAST_PIECE_BYTES, MOST_LIVE_BYTES, type More, type View } from '@vedette/shared/message'

/**
 * Puts a live picture together again: one at a time, no larger than one that comes whole. One that
 * another begins before it was whole is gone.
 */
export class Pieces {
  #begun: { view: View; parts: Uint8Array[]; missing: number } | undefined

  /** The picture, where it is whole already. Throws ProtocolFault `view.piece`. */
  begin({ rest = 0, ...view }: View): View | undefined {
    this.#begun = undefined
    const { length } = view.picture
    if (rest === 0) return view
    if (length + rest > MOST_LIVE_BYTES) unfit(`a picture of ${length + rest} bytes`)
    if (length < LEAST_PIECE_BYTES) unfit(`a first piece of ${length} bytes`)
    this.#begun = { view, parts: [view.picture], missing: rest }
    return undefined
  }

  /** The picture, where that was its last piece. Throws ProtocolFault `view.piece`. */
  add({ picture }: More): View | undefined {
    const begun = this.#begun
    const { length } = picture
    if (begun === undefined) return unfit('a piece of no picture')
    if (length > begun.missing) unfit(`${length} bytes where ${begun.missing} are missing`)
    // Many small ones would cost more to read than any picture.
    const last = length === begun.missing
    if (!last && length < LEAST_PIECE_BYTES) unfit(`a piece of ${length} bytes`)
    begun.parts.push(picture)
    begun.missing -= length
    if (!last) return undefined
    this.#begun = undefined
    return { ...begun.view, picture: Buffer.concat(begun.parts) }
  }
}

function unfit(what: string): never {
  throw new ProtocolFault('view.piece', what)
}
