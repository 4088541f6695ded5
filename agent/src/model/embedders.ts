import {
  type ModelOptions,
  type Models,
  type OpenEmbedder,
  openEmbedder,
} from '@vedette/models/models'
import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import { rememberSpoken } from './spoken.ts'

/** No frame is looked at for longer, milliseconds. */
const RETIRE_MS = 10_000

export type EmbeddersOptions = {
  /** As the models were opened. */
  config: Pick<ModelOptions, 'runtime' | 'threads'> & { folder: string }
  clock: Clock
  log: Log
}

/** The embedder that is spoken, and those that it has replaced. Owns `models`. */
export class Embedders {
  readonly #models: Models
  readonly #options: EmbeddersOptions
  /** Another has replaced them, and they may still be at work. */
  readonly #retired = new Set<OpenEmbedder>()

  constructor(models: Models, options: EmbeddersOptions) {
    this.#models = models
    this.#options = options
  }

  /** Embeds with model `id` from now on; false where that is what it does. Throws IntegrityFault. */
  async speak(id: string): Promise<boolean> {
    if (id === this.#models.space) return false
    const { config, log } = this.#options
    const embedder = await openEmbedder(id, config)
    await rememberSpoken(config.folder, id)
    const before = this.#models.adopt(embedder)
    log.info({ from: before.space, to: id }, 'model.spoken')
    this.#retire(before)
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = [this.#models, ...this.#retired]
    this.#retired.clear()
    await Promise.all(open.map((part) => part[Symbol.asyncDispose]()))
  }

  /** Closes an embedder when no frame that it was begun with is under way any more. */
  #retire(embedder: OpenEmbedder): void {
    this.#retired.add(embedder)
    this.#options.clock.after(RETIRE_MS, () => {
      if (this.#retired.delete(embedder)) void embedder[Symbol.asyncDispose]()
    })
  }
}
