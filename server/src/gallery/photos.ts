import { availableParallelism } from 'node:os'
import type { Behaviour } from '@vedette/models/cohort'
import { DEFAULT_MODELS, type ModelOptions } from '@vedette/models/models'
import type { Embedding } from '@vedette/shared/embedding'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import { Child, Unbegun } from '../child.ts'
import { ThreadFault, threadModule } from '../thread.ts'
import type { Look } from './look.ts'
import type { Drawing, PhotoReply, PhotoRequest, Spaces } from './photo-process.ts'
import { refusalOf, verdictOf } from './photo-verdict.ts'
import type { Likeness, Portrait } from './portrait.ts'

/** Largest file taken, bytes. */
export const MAX_PHOTO_BYTES = 8 * 1024 * 1024
/** Photographs that may wait for their turn. */
const MOST_WAITING = 32
/** What waits for one process before another is started. */
const LONG_QUEUE = 2
/** A process beyond the first that had nothing to do for so long ends. */
const IDLE_MS = 60_000
/** Models and one picture of the largest size take half of it; cameras' questions go first. */
const LIMITS = { memory: 1024, patience: 20_000, niceness: 10 }

type Worker = Child<PhotoRequest, PhotoReply>

/**
 * Turns photographs into templates, in processes of their own: whatever a file makes of those that
 * decode it, they have little memory, and none of this one's secrets.
 */
export class Photos {
  readonly #models: Partial<ModelOptions>
  /** Processes at most; cameras go before them. */
  readonly #most = Math.min(4, availableParallelism())
  #workers: Worker[]
  #waiting = 0
  #idle: NodeJS.Timeout | undefined
  #closed = false

  constructor(models: Partial<ModelOptions>) {
    this.#models = models
    this.#workers = [this.#start()]
  }

  /** Photographs that wait for their turn. */
  get backlog(): number {
    return this.#waiting
  }

  /** The processes that see. */
  get pids(): number[] {
    return this.#workers.flatMap(({ pid }) => pid ?? [])
  }

  /**
   * What is to be seen in a photograph, with the chosen face as it would be kept, its template in each
   * of `spaces`. Throws Refusal `photo.*` where it is no picture to be looked at, Unavailable when too
   * many wait already.
   */
  async look(
    bytes: Uint8Array,
    face?: number,
    spaces: Spaces = [DEFAULT_MODELS.embedder],
  ): Promise<Look> {
    refuseLarge(bytes)
    return (await this.#ask({ kind: 'look', bytes, face, spaces }, 'look')).look
  }

  /** The same, of a photograph that must be fit to be enrolled: else throws Refusal `photo.*`. */
  async read(bytes: Uint8Array, face?: number, spaces?: Spaces): Promise<Portrait> {
    const look = await this.look(bytes, face, spaces)
    if (look.portrait !== undefined) return look.portrait
    throw refusalOf(verdictOf(look, face))
  }

  /** The template in `space` of a photograph that is kept already. Throws as `look` does. */
  async again(jpeg: Uint8Array, space: string): Promise<Likeness> {
    return (await this.#ask({ kind: 'again', bytes: jpeg, space }, 'likeness')).likeness
  }

  /** A probe in `space` of the face in a question's chip. Throws as `look` does. */
  async probe(chip: Uint8Array, space: string): Promise<Embedding> {
    return (await this.#ask({ kind: 'chip', bytes: chip, space }, 'embedding')).embedding
  }

  /** A drawing made anew from a file, to be shown. Throws as `look` does. */
  async redraw(bytes: Uint8Array): Promise<Drawing> {
    refuseLarge(bytes)
    return (await this.#ask({ kind: 'redraw', bytes }, 'redrawn')).drawing
  }

  /** How templates of `space` would behave among strangers; undefined where it has no cohort. */
  async behaviour(vectors: Embedding[], space: string): Promise<Behaviour[] | undefined> {
    return (await this.#ask({ kind: 'behave', space, vectors }, 'behaviour')).behaviour
  }

  /** Opens the embedder of `space`, if it can be. Throws ThreadFault `model.*`. */
  async open(space: string): Promise<void> {
    await this.#ask({ kind: 'open', space }, 'opened')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idle)
    await Promise.all(this.#workers.map((worker) => worker[Symbol.asyncDispose]()))
  }

  async #ask<K extends PhotoReply['kind']>(
    request: PhotoRequest,
    kind: K,
  ): Promise<Extract<PhotoReply, { kind: K }>> {
    if (this.#waiting >= MOST_WAITING) {
      throw new Unavailable('worker.overloaded', 'too many photographs at once')
    }
    this.#waiting++
    try {
      const reply = await this.#answered(request)
      if (reply.kind === kind) return reply as Extract<PhotoReply, { kind: K }>
      throw new TypeError(`${kind} expected, ${reply.kind} came`)
    } catch (error) {
      if (error instanceof ThreadFault && error.kind === 'Refusal') throw asRefusal(error)
      throw error
    } finally {
      this.#waiting--
      this.#tire()
    }
  }

  /** Asks until a process begins with it: of what kills one, others know nothing. */
  async #answered(request: PhotoRequest): Promise<PhotoReply> {
    for (;;) {
      try {
        return await this.#free().ask(request)
      } catch (error) {
        if (!(error instanceof Unbegun)) throw error
      }
    }
  }

  /** The process that is free first; one more where all have much to do. */
  #free(): Worker {
    if (this.#closed) throw new Unavailable('worker.died', 'photographs are not read any more')
    this.#workers = this.#workers.filter(({ over }) => !over)
    const [free] = this.#workers.toSorted((p, q) => p.backlog - q.backlog)
    const crowded = free === undefined || free.backlog >= LONG_QUEUE
    if (crowded && this.#workers.length < this.#most) {
      this.#workers.push(this.#start())
    }
    return free ?? this.#workers[0]!
  }

  /** Ends all processes but one when nothing has come for a while. */
  #tire(): void {
    clearTimeout(this.#idle)
    if (this.#closed || this.#waiting > 0) return
    this.#idle = setTimeout(() => {
      for (const worker of this.#workers.splice(1)) void worker[Symbol.asyncDispose]()
    }, IDLE_MS).unref()
  }

  #start(): Worker {
    return new Child(threadModule('photo-process', import.meta.url), this.#models, LIMITS)
  }
}

function refuseLarge(bytes: Uint8Array): void {
  if (bytes.length <= MAX_PHOTO_BYTES) return
  const most = MAX_PHOTO_BYTES / 2 ** 20
  throw new Refusal('photo.too-large', `a file of more than ${most} MB`, {
    hint: 'scale it down',
    params: { most },
  })
}

function asRefusal({ code, message, hint }: ThreadFault): Refusal {
  return new Refusal(code as Refusal['code'], message, hint === undefined ? {} : { hint })
}
