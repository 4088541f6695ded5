import { ConfigFault } from '@vedette/shared/errors'
import { isName } from '@vedette/shared/identity'
import { z } from 'zod'

/*
 * One line of the ledger: a JSON object that says that a certificate was issued, or that one was
 * revoked. Instants are ISO 8601 in the file and epoch milliseconds here.
 */

const serial = z.string().regex(/^[0-9a-f]{2,40}$/)
const instant = z.codec(z.iso.datetime(), z.number().int(), {
  decode: (text) => Date.parse(text),
  encode: (ms) => new Date(ms).toISOString(),
})

const issue = z.strictObject({
  serial,
  role: z.enum(['server', 'agent', 'operator']),
  name: z.string().refine(isName, 'not a name'),
  notBefore: instant,
  notAfter: instant,
  /** Id of the issuing authority that signed it. */
  authority: z.string().regex(/^[0-9a-f]{8}$/),
  fingerprint256: z.string().regex(/^[0-9A-F]{2}(?::[0-9A-F]{2}){31}$/),
  at: instant,
})

const revocation = z.strictObject({
  revoked: serial,
  at: instant,
  reason: z.string().min(1).max(200),
})

const line = z.union([issue, revocation])

export type Issue = z.infer<typeof issue>
export type Revocation = z.infer<typeof revocation>
export type LedgerLine = z.infer<typeof line>

/** Ends a line that a crash cut short: the next append writes it, and the line does not count. */
export const TORN = '#torn'

/** `entry` as a line, without its line feed. Throws ZodError for what could not be read again. */
export function formatLine(entry: LedgerLine): string {
  return JSON.stringify(z.encode(line, entry))
}

/**
 * Reads whole lines, of which the first is line `first` of `file`. Throws ConfigFault
 * `config.invalid` that names the line.
 */
export function parseLines(texts: readonly string[], file: string, first: number): LedgerLine[] {
  return texts.flatMap((text, i) => (text.endsWith(TORN) ? [] : parseLine(text, file, first + i)))
}

function parseLine(text: string, file: string, number: number): LedgerLine {
  try {
    return line.parse(JSON.parse(text))
  } catch (cause) {
    throw new ConfigFault('config.invalid', `${file}:${number}: not a line of the ledger`, {
      cause,
      hint: 'take the ledger from a backup, or mend the line by hand',
    })
  }
}
