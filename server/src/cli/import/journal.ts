import { appendFile, readFile } from 'node:fs/promises'
import type { Outcome } from './row.ts'

/** When an import began, and the leave it draws from. */
export type Begun = { startedAt: number; grant: string | null }

type Line = { begun: Begun } | { outcome: Outcome }

/**
 * What an import has done so far, a line for each row, so that it goes on where it was. The newline
 * comes first: it also ends a line that an interruption cut short.
 */
export class Journal {
  readonly file: string
  readonly outcomes = new Map<string, Outcome>()
  begun: Begun | undefined

  static async open(file: string): Promise<Journal> {
    const journal = new Journal(file)
    const text = await readFile(file, 'utf8').catch(() => '')
    for (const line of text.split('\n')) journal.#take(line)
    return journal
  }

  private constructor(file: string) {
    this.file = file
  }

  async begin(begun: Begun): Promise<void> {
    this.begun = begun
    await this.#append({ begun })
  }

  async note(outcome: Outcome): Promise<void> {
    this.outcomes.set(outcome.key, outcome)
    await this.#append({ outcome })
  }

  #append(line: Line): Promise<void> {
    return appendFile(this.file, `\n${JSON.stringify(line)}`, { mode: 0o600 })
  }

  #take(text: string): void {
    let line: Line
    try {
      line = JSON.parse(text) as Line
    } catch {
      return // cut short: that row is asked for again, and answered the same
    }
    if ('begun' in line) this.begun = line.begun
    else this.outcomes.set(line.outcome.key, line.outcome)
  }
}
