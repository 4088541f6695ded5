import { open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Name of the file beside the database. */
export const TOMBSTONES = 'erased'

/**
 * Ids of entries that were erased, in a file of its own that no backup holds and none replaces: what
 * a backup brings back is erased again.
 */
export class Tombstones {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  /** Resolves when it is on the disk. */
  async add(entryId: string, at: number): Promise<void> {
    const file = await open(this.#file, 'a', 0o600)
    try {
      await file.appendFile(`${entryId} ${at}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    const folder = await open(dirname(this.#file), 'r')
    await folder.sync().finally(() => folder.close())
  }

  /** Ids, with when they were erased, epoch milliseconds. */
  async all(): Promise<Map<string, number>> {
    const text = await readFile(this.#file, 'utf8').catch(() => '')
    const lines = text.split('\n').filter((line) => line !== '')
    return new Map(lines.map((line) => [line.split(' ')[0]!, Number(line.split(' ')[1])]))
  }
}
