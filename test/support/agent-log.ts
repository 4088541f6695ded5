import { createLog, type Log } from '@vedette/shared/log'

export type LogLine = { level: string; event: string; code?: string } & Record<string, unknown>

/** A log whose lines a test may read. */
export function recordedLog(): { log: Log; lines: LogLine[] } {
  const lines: LogLine[] = []
  const write = (line: string) => {
    lines.push(JSON.parse(line) as LogLine)
  }
  return { log: createLog('test', 'debug', { write }), lines }
}
