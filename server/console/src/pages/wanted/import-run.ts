import { batch, type Signal, signal } from '@preact/signals'
import type { Outcome } from '@vedette/server/cli/import/row'
import type { EnrolAnswer } from '@vedette/server/gallery/enrolment-answer'
import { desk } from '../../desk.ts'
import { asProblem, DeskProblem } from '../../problem.ts'
import { wordsOf } from '../../words.ts'
import { DAY_MS, endOf } from './format.ts'
import type { Journal, Note, Usual } from './import-journal.ts'
import { TooLarge } from './import-placed.ts'
import type { ImportRow } from './import-rows.ts'
import { megabytes } from './pictures.ts'

/** Rows that are asked about at a time: a browser has six connections, of which the news has one. */
const AT_ONCE = 4
/** How often a row is asked about again while the server has too much to do, and how long between. */
const TRIES = 60
const PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

export type RunState = 'running' | 'paused' | 'over' | 'stopped'

export type RunOptions = {
  rows: readonly ImportRow[]
  usual: Usual
  /** The leave that it draws from; undefined: only check. */
  grant: string | undefined
  startedAt: number
  journal: Journal | undefined
  /** What is known of rows already. */
  known: ReadonlyMap<string, Note>
}

/** Asks about every row, some at a time, until all have an outcome or somebody stops it. */
export class ImportRun {
  readonly outcomes: Signal<readonly Outcome[]> = signal([])
  readonly state: Signal<RunState> = signal('running')
  /** People in a minute, of late. */
  readonly rate: Signal<number> = signal(0)
  readonly #options: RunOptions
  readonly #stop = new AbortController()
  readonly #times: number[] = []
  #resume: (() => void) | undefined
  #gate: Promise<void> = Promise.resolve()

  constructor(options: RunOptions) {
    this.#options = options
  }

  /** Resolves when it is over, or stopped. */
  async run(): Promise<void> {
    const waiting = [...this.#options.rows]
    const work = async () => {
      for (;;) {
        await this.#gate
        const row = waiting.shift()
        if (row === undefined || this.#stop.signal.aborted) return
        await this.#one(row)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    this.state.value = this.#stop.signal.aborted ? 'stopped' : 'over'
  }

  pause(): void {
    if (this.state.peek() !== 'running') return
    this.state.value = 'paused'
    this.#gate = new Promise((resolve) => {
      this.#resume = resolve
    })
  }

  resume(): void {
    this.#resume?.()
    this.#resume = undefined
    if (this.state.peek() === 'paused') this.state.value = 'running'
  }

  stop(): void {
    this.#stop.abort()
    this.resume()
  }

  async #one(row: ImportRow): Promise<void> {
    const { grant, journal, known, usual } = this.#options
    const { skipBad: _, ...said } = usual
    const full: ImportRow = { ...withoutBlanks(said), ...row }
    const files = await filesOf(row)
    if (files instanceof DeskProblem) {
      return this.#took({ ...failed(outcomeOf(row, row.at), files), state: 'refused' })
    }
    const key = await keyOf(full, files)
    const note = grant === undefined ? undefined : known.get(key)
    if (note !== undefined && note.state !== 'failed') {
      return this.#took({ ...outcomeOf(row, key), ...note, words: '' })
    }
    const outcome = await this.#ask(full, files, key)
    if (outcome === undefined) return
    if (grant !== undefined && outcome.state !== 'failed') {
      const { state, entry, code } = outcome
      await journal?.note({ grant, key, state, entry, code })
    }
    this.#took(outcome)
  }

  /** Undefined where it was stopped meanwhile. */
  async #ask(row: ImportRow, files: readonly File[], key: string): Promise<Outcome | undefined> {
    const { signal } = this.#stop
    const missing = row.missing ?? []
    const plain = outcomeOf(row, key)
    if (row.photos.length === 0 || missing.length > 0) {
      return { ...plain, state: 'refused', code: 'photo.none', words: missing.join(', ') }
    }
    const expiresAt = expiryOf(row.expires, this.#options.startedAt)
    if (Number.isNaN(expiresAt)) {
      return { ...plain, state: 'refused', code: 'entry.expiry', words: row.expires ?? '' }
    }
    for (let tries = 1; ; tries++) {
      try {
        return answered(plain, await this.#send(row, files, key, expiresAt))
      } catch (error) {
        if (signal.aborted) return undefined
        const problem = asProblem(error)
        if (!mayRetry(problem) || tries >= TRIES) return failed(plain, problem)
        await pause(Math.min(LONGEST_PAUSE_MS, PAUSE_MS * tries), signal)
      }
    }
  }

  #send(
    row: ImportRow,
    files: readonly File[],
    key: string,
    expiresAt: number | undefined,
  ): Promise<EnrolAnswer> {
    const { grant, usual } = this.#options
    const form = formOf(row, files, usual.skipBad, expiresAt)
    const { signal } = this.#stop
    if (grant === undefined) return desk.post('/entries/check', form, { signal })
    const headers = { 'idempotency-key': key, 'x-vedette-import': grant }
    return desk.post('/entries', form, { signal, headers })
  }

  #took(outcome: Outcome): void {
    this.#times.push(performance.now())
    const recent = this.#times.slice(-30)
    const span = (recent.at(-1) ?? 0) - (recent[0] ?? 0)
    batch(() => {
      this.outcomes.value = [...this.outcomes.peek(), outcome]
      this.rate.value = span > 0 ? (60_000 * (recent.length - 1)) / span : 0
    })
  }
}

/** Too much to do, or not there: later it may be. The same key makes that safe. */
function mayRetry({ status, code }: DeskProblem): boolean {
  return status === 503 || code === 'desk.unreachable'
}

function outcomeOf({ at, name, photos }: ImportRow, key: string): Outcome {
  const nothing = { entry: null, code: null, words: '' }
  return { at, name, key, state: 'failed', ...nothing, photos: photos.length }
}

function answered(plain: Outcome, { entry, photos, behaviour }: EnrolAnswer): Outcome {
  const bad = photos.filter(({ accepted }) => !accepted)
  const words = [
    ...bad.map(({ file, words }) => `${file}: ${words}`),
    ...(behaviour?.kind === 'lamb' ? [behaviour.words] : []),
  ].join('; ')
  const state = entry === null ? 'good' : entry.state === 'live' ? 'enrolled' : 'pending'
  return { ...plain, state, words, entry: entry?.id ?? null }
}

/** Refused for good, or not answered: then it is asked again the next time. */
function failed(plain: Outcome, { status, code, message }: DeskProblem): Outcome {
  const refused = status >= 400 && status < 500 && status !== 429 && status !== 401
  const spent = code.startsWith('import.')
  return { ...plain, state: refused && !spent ? 'refused' : 'failed', code, words: message }
}

function formOf(
  row: ImportRow,
  files: readonly File[],
  skipBad: boolean,
  expiresAt: number | undefined,
): FormData {
  const { name, aliases = [], face, list, source, taken } = row
  const { reason, legalBasis, authority, caseNumber, note } = row
  const every = (word: string | undefined) => word && files.map(() => word).join('\n')
  const fields = {
    ...{ name, face, list, reason, legalBasis, authority, caseNumber, note },
    aliases: aliases.join('\n'),
    expiresAt: expiresAt === undefined ? undefined : String(expiresAt),
    ...{ sources: every(source), taken: every(taken) },
    poor: skipBad ? 'true' : undefined,
  }
  const form = new FormData()
  for (const [field, value] of Object.entries(fields)) if (value) form.set(field, value)
  for (const file of files) form.append('photo', file, file.name)
  return form
}

/** `30d`, `2027-01-31`, or nothing; NaN where it is neither. */
export function expiryOf(text: string | undefined, startedAt: number): number | undefined {
  if (text === undefined || text === '') return undefined
  const [, days] = /^(\d{1,4})\s?d$/.exec(text) ?? []
  if (days !== undefined) return startedAt + Number(days) * DAY_MS
  return /^\d{4}-\d\d-\d\d$/.test(text) ? endOf(text) : Number.NaN
}

/** Its photographs, which are in memory until it is answered; or why one cannot be read. */
async function filesOf({ photos }: ImportRow): Promise<File[] | DeskProblem> {
  const t = wordsOf('wanted')
  const files: File[] = []
  for (const { name, read } of photos) {
    try {
      files.push(new File([await read()], name))
    } catch (error) {
      const isLarge = error instanceof TooLarge
      const code = isLarge ? error.code : 'photo.unreadable'
      const why = isLarge
        ? t('import.tooLarge', { most: megabytes(error.most) })
        : t('import.unreadable')
      return new DeskProblem({ code, status: 0, detail: `${name}: ${why}` })
    }
  }
  return files
}

/** A key for the row with these photographs: the same content, the same key. */
async function keyOf(
  { at: _, photos: __, missing: ___, ...said }: ImportRow,
  files: readonly File[],
): Promise<string> {
  const digests = await Promise.all(files.map(async (file) => sha256(await file.arrayBuffer())))
  const text = JSON.stringify([Object.entries(said).toSorted(), digests])
  return `import-${await sha256(new TextEncoder().encode(text).buffer)}`
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function withoutBlanks(said: Record<string, string>): Partial<ImportRow> {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== ''))
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

const REPORTED = ['at', 'name', 'state', 'entry', 'code', 'photos', 'words'] as const

export function csvOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => REPORTED.map((column) => quoted(outcome[column])))
  return [REPORTED.join(','), ...rows.map((row) => row.join(','))].join('\r\n')
}

/** A field that a spreadsheet takes for text, not for a formula. Source: OWASP, CSV injection. */
function quoted(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  const tame = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${tame.replaceAll('"', '""')}"`
}
