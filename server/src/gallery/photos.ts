import { DEFAULT_MODELS, type ModelOptions } from '@vedette/models/models'
import type { Embedding } from '@vedette/shared/embedding'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import { Thread, ThreadFault, threadModule } from '../thread.ts'
import type { Likeness, PhotoReply, PhotoRequest, Portrait, Spaces } from './photo-thread.ts'

/** Largest file taken, bytes. */
export const MAX_PHOTO_BYTES = 8 * 1024 * 1024
/** Photographs that may wait for their turn. */
const MOST_WAITING = 32
const HEAP_MB = 256

/** Turns photographs into templates, on a thread of its own. */
export class Photos {
  readonly #models: Partial<ModelOptions>
  #thread: Thread<PhotoRequest, PhotoReply>

  constructor(models: Partial<ModelOptions>) {
    this.#models = models
    this.#thread = this.#start()
  }

  /** Photographs that wait for their turn. */
  get backlog(): number {
    return this.#thread.backlog
  }

  /**
   * The face in a photograph as it is kept, with its template in each of `spaces`. Throws Refusal
   * `photo.*` when it is not fit to be enrolled, Unavailable when too many wait already.
   */
  async read(
    bytes: Uint8Array,
    face?: number,
    spaces: Spaces = [DEFAULT_MODELS.embedder],
  ): Promise<Portrait> {
    if (bytes.length > MAX_PHOTO_BYTES) {
      const most = MAX_PHOTO_BYTES / 2 ** 20
      throw new Refusal('photo.too-large', `a file of more than ${most} MB`, {
        hint: 'scale it down',
      })
    }
    const { portrait } = await this.#ask({ kind: 'enrol', bytes, face, spaces }, 'portrait')
    return portrait
  }

  /** The template in `space` of a photograph that is kept already. Throws as `read` does. */
  async again(jpeg: Uint8Array, space: string): Promise<Likeness> {
    return (await this.#ask({ kind: 'again', bytes: jpeg, space }, 'likeness')).likeness
  }

  /** A probe in `space` of the face in a question's chip. Throws as `read` does. */
  async probe(chip: Uint8Array, space: string): Promise<Embedding> {
    return (await this.#ask({ kind: 'chip', bytes: chip, space }, 'embedding')).embedding
  }

  /** Opens the embedder of `space`, if it can be. Throws ThreadFault `model.*`. */
  async open(space: string): Promise<void> {
    await this.#ask({ kind: 'open', space }, 'opened')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]()
  }

  async #ask<K extends PhotoReply['kind']>(
    request: PhotoRequest,
    kind: K,
  ): Promise<Extract<PhotoReply, { kind: K }>> {
    if (this.#thread.over) this.#thread = this.#start()
    if (this.#thread.backlog >= MOST_WAITING) {
      throw new Unavailable('worker.overloaded', 'too many photographs at once')
    }
    try {
      const reply = await this.#thread.ask(request)
      if (reply.kind === kind) return reply as Extract<PhotoReply, { kind: K }>
      throw new TypeError(`${kind} expected, ${reply.kind} came`)
    } catch (error) {
      if (error instanceof ThreadFault && error.kind === 'Refusal') throw asRefusal(error)
      throw error
    }
  }

  #start(): Thread<PhotoRequest, PhotoReply> {
    const limits = { maxOldGenerationSizeMb: HEAP_MB }
    return new Thread(threadModule('photo-thread', import.meta.url), this.#models, limits)
  }
}

function asRefusal({ code, message, hint }: ThreadFault): Refusal {
  return new Refusal(code as Refusal['code'], message, hint === undefined ? {} : { hint })
}
