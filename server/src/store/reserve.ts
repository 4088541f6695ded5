import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const FILE = 'reserve'
const STEP = 2 ** 20

/** A file of noughts that takes up room on the disk, so that there is some to give when it is full. */
export class Reserve {
  /** Bytes, when it is held. */
  readonly size: number
  readonly #file: string
  #held: boolean

  /** The reserve of a data folder, as it is; `size` in bytes, 0 for none. */
  static async of(folder: string, size: number): Promise<Reserve> {
    const file = join(folder, FILE)
    const there = await stat(file).catch(() => undefined)
    const held = size > 0 && there?.size === size
    const reserve = new Reserve(file, size, held)
    if (there !== undefined && !held) await reserve.release()
    return reserve
  }

  private constructor(file: string, size: number, held: boolean) {
    this.#file = file
    this.size = size
    this.#held = held
  }

  /** True where there is none to be held, too. */
  get held(): boolean {
    return this.#held || this.size === 0
  }

  /** Takes the room up; false where there is not as much. */
  async take(): Promise<boolean> {
    if (this.held) return true
    const noughts = Buffer.alloc(STEP)
    try {
      await using handle = await open(this.#file, 'w', 0o600)
      for (let at = 0; at < this.size; at += STEP) {
        await handle.write(noughts, 0, Math.min(STEP, this.size - at), at)
      }
      await handle.sync()
      this.#held = true
    } catch {
      await this.release()
    }
    return this.held
  }

  /** Gives the room up. */
  async release(): Promise<void> {
    this.#held = false
    await rm(this.#file, { force: true })
  }
}
