import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { ConfigFault, Refusal } from '@vedette/shared/errors'
import {
  formatLine,
  type Issue,
  type LedgerLine,
  parseLines,
  type Revocation,
  TORN,
} from './ledger-line.ts'

/** One certificate that was issued. Instants are epoch milliseconds, the serial lower-case hex. */
export type LedgerEntry = Issue & { revocation: Revocation | undefined }

/** What the ledger has taken in of its file. */
type View = {
  issued: Map<string, Issue>
  revoked: Map<string, Revocation>
  /** Bytes and lines, up to the last line feed. */
  bytes: number
  lines: number
  /** The file as it was then. */
  ino: number
  size: number
  mtimeMs: number
}

/**
 * The record of every certificate issued and revoked: a file of one JSON object a line that is only
 * ever appended to, by several processes if need be. Each question looks at the file first, so what
 * another process has appended counts at once. Every method throws ConfigFault `config.missing` when
 * the file is gone and `config.invalid` for a line that is none: whoever asked must then refuse.
 */
export class Ledger {
  readonly #file: string
  readonly #clock: Pick<Clock, 'now'>
  #view = emptyView()
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(file: string, clock: Pick<Clock, 'now'>) {
    this.#file = file
    this.#clock = clock
  }

  static async open(file: string, clock: Pick<Clock, 'now'> = systemClock): Promise<Ledger> {
    const ledger = new Ledger(file, clock)
    await ledger.refresh()
    return ledger
  }

  /** The certificate with `serial` (lower-case hexadecimal); undefined when it was never issued. */
  async find(serial: string): Promise<LedgerEntry | undefined> {
    await this.refresh()
    const issue = this.#view.issued.get(serial)
    return issue && { ...issue, revocation: this.#view.revoked.get(serial) }
  }

  /** Every certificate, in the order of issue. */
  async all(): Promise<LedgerEntry[]> {
    await this.refresh()
    const { issued, revoked } = this.#view
    return [...issued.values()].map((issue) => ({
      ...issue,
      revocation: revoked.get(issue.serial),
    }))
  }

  /** Differs from an earlier one when something was taken in since. */
  get mark(): string {
    return `${this.#view.ino}.${this.#view.bytes}`
  }

  /** What `authority` signed, was revoked, and had not expired at `now` (ms). */
  async revokedBy(authority: string, now: number): Promise<{ serial: string; at: number }[]> {
    await this.refresh()
    const { issued, revoked } = this.#view
    return [...revoked.values()].flatMap(({ revoked: serial, at }) => {
      const issue = issued.get(serial)
      return issue?.authority === authority && issue.notAfter > now ? [{ serial, at }] : []
    })
  }

  /** Resolves when the certificate stands on the disk: only then may it be handed out. */
  async record(issue: Omit<Issue, 'at'>): Promise<void> {
    const { serial, role, name, notBefore, notAfter, authority, fingerprint256 } = issue
    const at = this.#clock.now()
    await this.#append({ serial, role, name, notBefore, notAfter, authority, fingerprint256, at })
  }

  /**
   * Resolves when the revocation stands on the disk; of several, the first one stands. `reason` is
   * for people, 1 to 200 characters. Throws Refusal `request.invalid` for a reason out of bounds or
   * a serial that was never issued.
   */
  async revoke(serial: string, reason: string): Promise<void> {
    if (reason.length < 1 || reason.length > 200) {
      throw new Refusal('request.invalid', 'a reason has 1 to 200 characters')
    }
    const entry = await this.find(serial)
    if (entry === undefined) {
      throw new Refusal('request.invalid', `no certificate with serial ${serial} was issued`)
    }
    if (entry.revocation !== undefined) return
    await this.#append({ revoked: serial, at: this.#clock.now(), reason })
  }

  /** Takes in what was appended since; true when the file had changed. */
  refresh(): Promise<boolean> {
    const turn = this.#turn.then(() => this.#read())
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #append(line: LedgerLine): Promise<void> {
    const text = `${formatLine(line)}\n`
    // Without O_CREAT: a ledger that is gone must not come back empty.
    const handle = await this.#open(constants.O_RDWR | constants.O_APPEND)
    try {
      // The torn line is closed, not cut off: another process may be writing to the file by now.
      await handle.appendFile((await isTorn(handle)) ? `${TORN}\n${text}` : text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await this.refresh()
  }

  async #read(): Promise<boolean> {
    const before = this.#view
    const now = await stat(this.#file).catch((cause) => this.#missing(cause))
    if (now.ino === before.ino && now.size === before.size && now.mtimeMs === before.mtimeMs) {
      return false
    }
    const handle = await this.#open(constants.O_RDONLY)
    try {
      const { ino, size, mtimeMs } = await handle.stat()
      const grown = ino === before.ino && size > before.size
      const view = grown ? before : emptyView()
      const fresh = Buffer.alloc(size - view.bytes)
      const { bytesRead } = await handle.read(fresh, 0, fresh.length, view.bytes)
      const taken = this.#extended(view, fresh.subarray(0, bytesRead))
      this.#view = { ...taken, ino, size: view.bytes + bytesRead, mtimeMs }
      return true
    } finally {
      await handle.close()
    }
  }

  /** `view` and the whole lines of `fresh`, all or none; a last line without end is left for later. */
  #extended(view: View, fresh: Buffer): View {
    const bytes = fresh.lastIndexOf('\n') + 1
    const texts = fresh.subarray(0, bytes).toString('utf8').split('\n').slice(0, -1)
    for (const line of parseLines(texts, this.#file, view.lines + 1)) {
      if ('serial' in line) keepFirst(view.issued, line.serial, line)
      else keepFirst(view.revoked, line.revoked, line)
    }
    return { ...view, bytes: view.bytes + bytes, lines: view.lines + texts.length }
  }

  #open(flags: number): Promise<FileHandle> {
    return open(this.#file, flags).catch((cause) => this.#missing(cause))
  }

  #missing(cause: unknown): never {
    throw new ConfigFault('config.missing', `cannot open the ledger ${this.#file}`, {
      cause,
      hint: 'take the file from a backup: without it no certificate is known',
    })
  }
}

function emptyView(): View {
  return {
    issued: new Map(),
    revoked: new Map(),
    bytes: 0,
    lines: 0,
    ino: -1,
    size: 0,
    mtimeMs: 0,
  }
}

function keepFirst<T>(map: Map<string, T>, key: string, value: T): void {
  if (!map.has(key)) map.set(key, value)
}

async function isTorn(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat()
  if (size === 0) return false
  const last = Buffer.alloc(1)
  await handle.read(last, 0, 1, size - 1)
  return last[0] !== 0x0a
}
