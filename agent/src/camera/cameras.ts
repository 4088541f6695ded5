import type { Canary } from '@vedette/shared/message'
import { type AgentConfig, MOST_CAMERAS } from '../config.ts'
import type { LookoutCounts } from '../lookout/lookout.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { Camera, type CameraOptions } from './camera.ts'
import { Canaries } from './canary.ts'
import { Watches } from './watches.ts'

export type CamerasOptions = Omit<CameraOptions, 'canaries'> & {
  outbox: Pick<Outbox, 'add' | 'size'>
}

/** The cameras of an agent, as they see and fare. */
export class Cameras {
  readonly #outbox: CamerasOptions['outbox']
  readonly #cameras = new Map<string, Camera>()
  readonly #canaries: Canaries
  readonly #watches: Watches
  /** No longer watched, though questions of theirs may still wait to be sent. */
  #gone: string[] = []

  constructor(configs: AgentConfig['cameras'], options: CamerasOptions) {
    this.#outbox = options.outbox
    const canaries = new Canaries(options.models, () => options.clock.now())
    this.#canaries = canaries
    this.#watches = new Watches(async (name, config, signal) => {
      const camera = new Camera(name, config, { ...options, canaries })
      this.#cameras.set(name, camera)
      await camera.run(signal)
    }, configs)
  }

  /** Resolves when every source has been seen whole; most never are. */
  get ended(): Promise<unknown> {
    return this.#watches.ended
  }

  get counts(): Record<string, LookoutCounts> {
    return Object.fromEntries([...this.#cameras].map(([name, { counts }]) => [name, counts]))
  }

  get size(): number {
    return this.#cameras.size
  }

  /** How many give pictures. */
  get open(): number {
    return [...this.#cameras.values()].filter(({ open }) => open).length
  }

  /** That a camera gives pictures, or why not; undefined where there is none of that name. */
  standing(name: string): 'open' | { code: string } | undefined {
    return this.#cameras.get(name)?.standing
  }

  /** What the server is told: a question about a camera that it was not told of is refused. */
  get announced(): string[] {
    const gone = this.#outbox.size > 0 ? this.#gone : []
    return [...this.#watches.names, ...gone].slice(0, MOST_CAMERAS)
  }

  /** The server wants a camera to be shown the test face. */
  ask(canary: Canary): void {
    this.#canaries.ask(canary)
  }

  /** From here on these are watched, and no others. */
  async adopt({ cameras, log }: Pick<AgentConfig, 'cameras' | 'log'>): Promise<void> {
    for (const camera of this.#cameras.values()) camera.logLevel = log
    const gone = await this.#watches.adopt(cameras)
    for (const name of gone) this.#cameras.delete(name)
    this.#gone = [...this.#gone, ...gone].filter((name) => cameras[name] === undefined)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#watches[Symbol.asyncDispose]()
  }
}
