import type { Clock } from '@vedette/shared/clock'
import { codeOf, Fault, Unavailable } from '@vedette/shared/errors'
import { RETRY_AFTER_MS, sqliteFault } from '@vedette/shared/sqlite'

export type TroubleCode =
  /** The disk is full, or nearly. */
  | 'store.full'
  /** It could not be written; whether what was written then is there is known after the next write. */
  | 'store.failed'
  /** Another process has the write lock, for longer than a write waits. */
  | 'store.busy'
  | 'store.damaged'
  /** Rows are not as they were written. */
  | 'store.tampered'
  /** The write-ahead log grows: somebody has been reading for long and keeps it from being emptied. */
  | 'store.log-pinned'

export type StoreTrouble = { code: TroubleCode; since: number }
/** The same for whoever looks: red where alerts may have to wait. */
export type StoreStanding = StoreTrouble & { state: 'amber' | 'red'; message: string; hint: string }

/** With these, nothing is taken in that could as well come later. */
const CLOSED: readonly TroubleCode[] = ['store.damaged', 'store.failed', 'store.full']
/** What SQLite says of the disk or of a lock; all else is of the statement. */
const OF_THE_DISK = /^SQLITE_(IOERR|FULL|BUSY|CORRUPT|NOTADB|READONLY|CANTOPEN|PROTOCOL)/

const WORDS: Record<TroubleCode, [message: string, hint: string]> = {
  'store.full': [
    'the disk of the database is full',
    'free some space on the disk of the database; it is taken up again by itself',
  ],
  'store.failed': [
    'the database cannot be written',
    'see what the disk has (journalctl -k, smartctl -a); it is tried again every few seconds',
  ],
  'store.busy': [
    'another program has locked the database',
    'end it (fuser -v wanted.db names it); nothing but the server may write there',
  ],
  'store.tampered': [
    'somebody changed rows of the database',
    'see which: vedette db check; they are left out, and everything else serves',
  ],
  'store.damaged': ['the database is damaged', 'stop the server, and restore a backup'],
  'store.log-pinned': [
    'a program that reads the database keeps its log from being emptied',
    'end it (fuser -v wanted.db-wal names it)',
  ],
}

/** What the database can take now. Matching needs nothing of it. */
export class Condition {
  readonly #clock: Clock
  readonly #since = new Map<TroubleCode, number>()
  readonly #listeners = new Set<(code: TroubleCode, on: boolean) => void>()
  #onNoRoom: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The worst first. */
  get troubles(): StoreTrouble[] {
    const order = [...CLOSED, 'store.tampered', 'store.busy', 'store.log-pinned'] as const
    return order.flatMap((code) => {
      const since = this.#since.get(code)
      return since === undefined ? [] : [{ code, since }]
    })
  }

  has(code: TroubleCode): boolean {
    return this.#since.has(code)
  }

  /** Told of every trouble when it begins and when it is over. */
  listen(listener: (code: TroubleCode, on: boolean) => void): void {
    this.#listeners.add(listener)
  }

  /**
   * From here on somebody looks whether there is room again: only then is anything refused for it.
   * `onNoRoom` is called for every write that found none.
   */
  attend(onNoRoom: () => void): void {
    this.#onNoRoom = onNoRoom
  }

  set(code: TroubleCode, on: boolean): void {
    if (this.has(code) === on) return
    if (on) this.#since.set(code, this.#clock.now())
    else this.#since.delete(code)
    for (const listener of this.#listeners) listener(code, on)
  }

  /** A write came to be on the disk, or `error` came of it. */
  note(error?: unknown): void {
    if (error === undefined) {
      this.set('store.failed', false)
      this.set('store.busy', false)
      if (this.#onNoRoom === undefined) this.set('store.full', false)
      return
    }
    if (!OF_THE_DISK.test(codeOf(error))) return
    const fault = sqliteFault(error)
    if (!(fault instanceof Fault)) return
    if (fault.code in WORDS) this.set(fault.code as TroubleCode, true)
    if (fault.code === 'store.full') this.#onNoRoom?.()
  }

  /**
   * Asked by what makes the database grow and could come later: enrolling, keeping what was seen.
   * Throws Unavailable `store.full`, `store.failed`.
   */
  ask(): void {
    if (this.#onNoRoom === undefined) return
    const code = CLOSED.find((one) => this.has(one))
    if (code === undefined) return
    const [message, hint] = WORDS[code]
    const kind = code === 'store.full' ? code : 'store.failed'
    throw new Unavailable(kind, `${message}: nothing is taken in until that is over`, {
      hint,
      retryAfter: RETRY_AFTER_MS,
    })
  }
}

/** What is to be said of a trouble, and done about it. */
export function standingOf({ code, since }: StoreTrouble): StoreStanding {
  const [message, hint] = WORDS[code]
  return { code, since, state: code === 'store.log-pinned' ? 'amber' : 'red', message, hint }
}
