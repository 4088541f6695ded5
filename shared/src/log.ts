import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Fields that may never reach a log, wherever they stand. */
const SECRET = ['probe', 'embedding', 'template', 'chip', 'photo', 'key', 'passphrase', 'name']

/**
 * A log of one JSON object a line: `time` in ISO 8601 UTC, `event` as `noun.verb`, `code` where
 * something went wrong. Written to standard error unless `destination` is given.
 */
export function createLog(
  program: string,
  level: LogLevel,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Log {
  return pino(
    {
      level,
      base: { program },
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET.flatMap((field) => [field, `*.${field}`]), censor: '[withheld]' },
    },
    destination,
  )
}

export const silentLog: Log = pino({ level: 'silent' })
