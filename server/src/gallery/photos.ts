import type { ModelOptions } from '@vedette/models/models'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import { Thread, ThreadFault, threadModule } from '../thread.ts'
import type { PhotoReply, PhotoRequest } from './photo-thread.ts'

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

  /**
   * The template of the face in a photograph. Throws Refusal `photo.*` when it is not fit to be
   * enrolled, Unavailable when too many wait already.
   */
  async read(bytes: Uint8Array, face?: number): Promise<PhotoReply> {
    if (bytes.length > MAX_PHOTO_BYTES) {
      const most = MAX_PHOTO_BYTES / 2 ** 20
      throw new Refusal('photo.too-large', `a file of more than ${most} MB`, {
        hint: 'scale it down',
      })
    }
    if (this.#thread.over) this.#thread = this.#start()
    if (this.#thread.backlog >= MOST_WAITING) {
      throw new Unavailable('worker.overloaded', 'too many photographs at once')
    }
    try {
      return await this.#thread.ask({ bytes, face })
    } catch (error) {
      if (error instanceof ThreadFault && error.kind === 'Refusal') throw asRefusal(error)
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]()
  }

  #start(): Thread<PhotoRequest, PhotoReply> {
    const limits = { maxOldGenerationSizeMb: HEAP_MB }
    return new Thread(threadModule('photo-thread', import.meta.url), this.#models, limits)
  }
}

function asRefusal({ code, message, hint }: ThreadFault): Refusal {
  return new Refusal(code as Refusal['code'], message, hint === undefined ? {} : { hint })
}
