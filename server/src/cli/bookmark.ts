import { readFile, rename, writeFile } from 'node:fs/promises'
import { ConfigFault, codeOf } from '@vedette/shared/errors'

/** A file that says how far somebody has read: the number of the last event that was shown. */
export class Bookmark {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  /** Undefined where there is none yet. Throws ConfigFault `config.unreadable`. */
  async read(): Promise<string | undefined> {
    const text = await readFile(this.#file, 'utf8').catch((cause) => {
      if (codeOf(cause) === 'ENOENT') return undefined
      throw unreadable(this.#file, 'it cannot be read', cause)
    })
    if (text === undefined || /^\d{1,15}\n$/.test(text)) return text?.trim()
    throw unreadable(this.#file, 'it is no bookmark')
  }

  /** In the place of what it said; whoever is killed meanwhile leaves the one or the other. */
  async write(seq: number): Promise<void> {
    await writeFile(`${this.#file}.new`, `${seq}\n`)
    await rename(`${this.#file}.new`, this.#file)
  }
}

function unreadable(file: string, why: string, cause?: unknown): ConfigFault {
  return new ConfigFault('config.unreadable', `bookmark ${file}: ${why}`, {
    cause,
    hint: 'remove it, and say with --since where to begin (0 is the first event)',
  })
}
