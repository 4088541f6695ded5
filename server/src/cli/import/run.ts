import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { codeOf, messageOf } from '@vedette/shared/errors'
import { FormData } from 'undici'
import { IMPORT_HEADER, KEY_HEADER } from '../../desk/headers.ts'
import type { EnrolAnswer } from '../../gallery/enrolment-answer.ts'
import type { DeskClient } from '../desk-client.ts'
import { DeskFault } from '../desk-fault.ts'
import { expiryFrom } from '../expiry.ts'
import type { Journal } from './journal.ts'
import { type ImportRow, keyOf, type Outcome } from './row.ts'

/** Rows that are asked about at a time: enough that the server is never idle. */
const AT_ONCE = 8
/** How often a row is asked about again while the server has too much to do, and how long between. */
const TRIES = 60
const PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

/** What holds where a row says nothing. */
export type Usual = Pick<
  ImportRow,
  'list' | 'expires' | 'reason' | 'legalBasis' | 'authority' | 'caseNumber' | 'note' | 'source'
> & { skipBad: boolean }

export type RunOptions = {
  desk: DeskClient
  journal: Journal
  usual: Usual
  /** The leave that it draws from; undefined: only check. */
  grant: string | undefined
  startedAt: number
  signal: AbortSignal
  onOutcome: (outcome: Outcome, known: boolean) => void
}

/** Asks about every row that has no outcome yet. Rejects where the server does not answer any more. */
export async function runImport(rows: readonly ImportRow[], options: RunOptions): Promise<void> {
  const waiting = [...rows]
  const work = async () => {
    for (;;) {
      const row = waiting.shift()
      if (row === undefined || options.signal.aborted) return
      await one(row, options)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

async function one(row: ImportRow, options: RunOptions): Promise<void> {
  const { journal, grant, usual, onOutcome } = options
  const { skipBad, ...given } = usual
  const full = { ...given, ...row }
  let files: Buffer[]
  try {
    files = await Promise.all(row.photos.map((file) => readFile(file)))
  } catch (error) {
    const words = `cannot read it: ${messageOf(error)}`
    const outcome = outcomeOf(row, keyOf(full, []), { state: 'refused', words })
    return onOutcome({ ...outcome, code: 'photo.unreadable' }, false)
  }
  const key = keyOf(full, files)
  const known = journal.outcomes.get(key)
  if (known !== undefined && grant !== undefined) return onOutcome({ ...known, at: row.at }, true)
  const outcome = await ask(full, files, key, skipBad, options)
  if (grant !== undefined && outcome.state !== 'failed') await journal.note(outcome)
  onOutcome(outcome, false)
}

async function ask(
  row: ImportRow,
  files: readonly Buffer[],
  key: string,
  skipBad: boolean,
  { desk, grant, startedAt, signal }: RunOptions,
): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    try {
      const form = formOf(row, files, skipBad, startedAt)
      const answer =
        grant === undefined
          ? await desk.json<EnrolAnswer>('POST', '/entries/check', form)
          : await desk.json<EnrolAnswer>('POST', '/entries', form, {
              [KEY_HEADER]: key,
              [IMPORT_HEADER]: grant,
            })
      return answered(row, key, answer)
    } catch (error) {
      const retry = mayRetry(error) && tries < TRIES && !signal.aborted
      if (!retry) return failed(row, key, error)
      const pause = Math.min(LONGEST_PAUSE_MS, PAUSE_MS * tries)
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
}

/** Too much to do, or not there: later it may be. The same key makes that safe. */
function mayRetry(error: unknown): boolean {
  return (
    codeOf(error) === 'desk.unreachable' || (error instanceof DeskFault && error.status === 503)
  )
}

function answered(row: ImportRow, key: string, { entry, photos, behaviour }: EnrolAnswer): Outcome {
  const bad = photos.filter(({ accepted }) => !accepted)
  const words = [
    `${photos.length - bad.length} of ${photos.length} photographs`,
    ...bad.map(({ file, words }) => `left out ${file}: ${words}`),
    ...(behaviour?.kind === 'lamb' ? [behaviour.words] : []),
  ].join('; ')
  const state = entry === null ? 'good' : entry.state === 'live' ? 'enrolled' : 'pending'
  return { ...outcomeOf(row, key, { state, words }), entry: entry?.id ?? null }
}

/** Refused for good, or not answered: then it is asked again the next time. */
function failed(row: ImportRow, key: string, error: unknown): Outcome {
  const refused = error instanceof DeskFault && error.status < 500 && error.status !== 429
  const spent = codeOf(error).startsWith('import.')
  const state = refused && !spent ? 'refused' : 'failed'
  return { ...outcomeOf(row, key, { state, words: messageOf(error) }), code: codeOf(error) }
}

function outcomeOf(
  { at, name, photos }: ImportRow,
  key: string,
  said: Pick<Outcome, 'state' | 'words'>,
): Outcome {
  return { at, name, key, entry: null, code: null, photos: photos.length, ...said }
}

function formOf(
  row: ImportRow,
  files: readonly Buffer[],
  skipBad: boolean,
  startedAt: number,
): FormData {
  const { name, aliases = [], face, list, expires, source, taken, photos } = row
  const { reason, legalBasis, authority, caseNumber, note } = row
  const every = (word: string | undefined) => word && photos.map(() => word).join('\n')
  const fields = {
    ...{ name, face, list, reason, legalBasis, authority, caseNumber, note },
    aliases: aliases.join('\n'),
    expiresAt: expires && String(expiryFrom(expires, startedAt)),
    ...{ sources: every(source), taken: every(taken) },
    poor: skipBad ? 'true' : undefined,
  }
  const form = new FormData()
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined && value !== '') form.append(field, value)
  }
  for (const [i, bytes] of files.entries()) {
    form.append('photo', new Blob([new Uint8Array(bytes)]), basename(photos[i]!))
  }
  return form
}
