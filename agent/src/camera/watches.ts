import type { CameraConfig } from '../config.ts'

type Watched = { config: CameraConfig; stop: AbortController; done: Promise<void> }

/** Watches one camera until the signal aborts; never rejects. */
export type WatchCamera = (name: string, config: CameraConfig, signal: AbortSignal) => Promise<void>

/** The cameras that are watched, each for as long as its configuration stays as it is. */
export class Watches {
  readonly #watch: WatchCamera
  readonly #watched = new Map<string, Watched>()

  constructor(watch: WatchCamera, cameras: Readonly<Record<string, CameraConfig>>) {
    this.#watch = watch
    for (const [name, config] of Object.entries(cameras)) this.#begin(name, config)
  }

  get names(): string[] {
    return [...this.#watched.keys()]
  }

  /** Resolves when all that are watched now have ended of themselves, or were stopped. */
  get ended(): Promise<unknown> {
    return Promise.all([...this.#watched.values()].map(({ done }) => done))
  }

  /**
   * From here on these are watched and no others. One whose configuration is what it was goes on
   * undisturbed. Gives the names of those that are no longer watched.
   */
  async adopt(cameras: Readonly<Record<string, CameraConfig>>): Promise<string[]> {
    const before = this.names
    const over = before.filter((name) => !same(this.#watched.get(name)?.config, cameras[name]))
    await Promise.all(over.map((name) => this.#end(name)))
    for (const [name, config] of Object.entries(cameras)) {
      if (!this.#watched.has(name)) this.#begin(name, config)
    }
    return over.filter((name) => !this.#watched.has(name))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { stop } of this.#watched.values()) stop.abort()
    await this.ended
  }

  #begin(name: string, config: CameraConfig): void {
    const stop = new AbortController()
    this.#watched.set(name, { config, stop, done: this.#watch(name, config, stop.signal) })
  }

  async #end(name: string): Promise<void> {
    const { stop, done } = this.#watched.get(name)!
    stop.abort()
    await done
    this.#watched.delete(name)
  }
}

function same(one: CameraConfig | undefined, other: CameraConfig | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
