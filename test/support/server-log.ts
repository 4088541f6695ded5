import { EventEmitter, once } from 'node:events'
import { createLog, type Log } from '@vedette/shared/log'

export type LogLine = { level: string; event: string; code?: string } & Record<string, unknown>

/** A log as the server writes it, kept to be read. */
export class LogBook {
  readonly lines: LogLine[] = []
  readonly log: Log
  readonly #news = new EventEmitter()

  constructor() {
    const write = (text: string) => {
      this.lines.push(JSON.parse(text) as LogLine)
      this.#news.emit('line')
    }
    this.log = createLog('server', 'debug', { write })
  }

  /** Lines about `event`, oldest first. */
  of(event: string): LogLine[] {
    return this.lines.filter((line) => line.event === event)
  }

  /** Line number `nth` (0 is the first) about `event`, waiting for it to be written. */
  async line(event: string, nth = 0): Promise<LogLine> {
    for (;;) {
      const found = this.of(event)[nth]
      if (found !== undefined) return found
      await once(this.#news, 'line')
    }
  }
}
