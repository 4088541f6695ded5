import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Head, headLineOf, headOf } from './head.ts'

/** Name of the file beside the database. */
export const HEADS_FILE = 'audit.heads'

/** What a file of heads holds, oldest first, and lines of it that are no heads. */
export type HeadsRead = { heads: Head[]; broken: number; present: boolean }

/** Heads outside the database, one line of JSON each: who puts an older database back is told by them. */
export class HeadsFile {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  async read(): Promise<HeadsRead> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    return { ...readHeads(text ?? ''), present: text !== undefined }
  }

  /** On the disk when this resolves. Throws what the file system throws. */
  async append(heads: readonly Head[]): Promise<void> {
    const handle = await open(this.#file, 'a+', 0o600)
    try {
      const { size } = await handle.stat()
      // A line that was cut off by a crash stays alone.
      const last = Buffer.alloc(1)
      if (size > 0) await handle.read(last, 0, 1, size - 1)
      const torn = size > 0 && last.toString() !== '\n' ? '\n' : ''
      const lines = heads.map((head) => `${JSON.stringify(headLineOf(head))}\n`)
      await handle.writeFile(torn + lines.join(''))
      await handle.sync()
      if (size === 0) await this.#syncFolder()
    } finally {
      await handle.close()
    }
  }

  /** Puts the file aside: what it says holds no more. */
  async retire(suffix: string): Promise<void> {
    await rename(this.#file, `${this.#file}.${suffix}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    await this.#syncFolder()
  }

  async #syncFolder(): Promise<void> {
    const folder = await open(dirname(this.#file), 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }
}

/** Heads of lines of JSON; a line of a log is one, too, if it has what a head has. */
export function readHeads(text: string): Omit<HeadsRead, 'present'> {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const heads = lines.map((line) => headOf(parsed(line)))
  return {
    heads: heads.filter((head) => head !== undefined),
    broken: heads.filter((head) => head === undefined).length,
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
