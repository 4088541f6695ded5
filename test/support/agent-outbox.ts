import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Outbox } from '@vedette/agent/outbox/outbox'
import type { OutboxLimits } from '@vedette/agent/outbox/row'
import type { Clock } from '@vedette/shared/clock'
import type { Sequenced } from '@vedette/shared/message'
import { createMetrics, type Metrics } from '@vedette/shared/metrics'
import BetterSqlite3 from 'better-sqlite3'
import { vi } from 'vitest'
import { ManualClock } from './agent-clock.ts'
import { recordedLog } from './agent-log.ts'

/** The track that a question is about; of other messages none. */
export function trackOf(message: Sequenced | undefined): string | undefined {
  return message?.type === 'match' ? message.track : undefined
}

export const WIDE: OutboxLimits = { size: 64_000_000, age: 86_400_000 }

/** A folder for outboxes, removed with it; each that is opened in it is another run of one agent. */
export class OutboxFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'vedette-outbox-'))
  readonly clock: ManualClock
  readonly #log = recordedLog()
  #outbox: Outbox | undefined
  #connection: BetterSqlite3.Database | undefined
  metrics: Metrics = createMetrics('agent')

  constructor(clock = new ManualClock()) {
    this.clock = clock
  }

  /** Opens the outbox; one that is open is closed before. */
  async open(limits: Partial<OutboxLimits> = {}, keyFile?: string): Promise<Outbox> {
    await this.close()
    return this.openNow(limits, keyFile)
  }

  openNow(limits: Partial<OutboxLimits> = {}, keyFile?: string): Outbox {
    this.metrics = createMetrics('agent')
    const { path: folder, clock, metrics } = this
    const about = { folder, limits: { ...WIDE, ...limits }, keyFile, metrics }
    const pragma = vi.spyOn(BetterSqlite3.prototype, 'pragma')
    try {
      this.#outbox = Outbox.open({ ...about, clock: clock as Clock, log: this.#log.log })
      this.#connection = pragma.mock.contexts.at(-1) as BetterSqlite3.Database
      return this.#outbox
    } finally {
      pragma.mockRestore()
    }
  }

  /** As a process that ends by itself. */
  async close(): Promise<void> {
    await this.#outbox?.[Symbol.asyncDispose]()
    this.#outbox = undefined
  }

  /** As a process that is killed: nothing more is written, and what is on disk stays as it is. */
  crash(): void {
    const connection = this.#connection
    this.#outbox = undefined
    this.clock.forget()
    connection?.close()
  }

  /** A second outbox in the same folder, as another process would open it. */
  another(): Outbox {
    const { path: folder, clock } = this
    const metrics = createMetrics('agent')
    return Outbox.open({ folder, limits: WIDE, metrics, clock, log: this.#log.log })
  }

  /** What the open connection says of itself. */
  pragmas(): Record<string, unknown> {
    const names = ['journal_mode', 'synchronous', 'secure_delete', 'locking_mode', 'auto_vacuum']
    const all = [...names, 'trusted_schema', 'cell_size_check']
    const ask = (name: string) => this.#connection!.pragma(name, { simple: true })
    return Object.fromEntries(all.map((name) => [name, ask(name)]))
  }

  /** The file may grow no more. */
  fill(): void {
    this.#connection!.pragma('max_page_count = 1') // SQLite takes it as: what it has
  }

  free(): void {
    this.#connection!.pragma('max_page_count = 1000000')
  }

  /** Runs `sql` on the file of a closed outbox. */
  sql(sql: string): void {
    const connection = new BetterSqlite3(join(this.path, 'outbox.db'))
    connection.exec(sql)
    connection.close()
  }

  remove(name: string): void {
    for (const end of ['', '-wal', '-shm'])
      rmSync(join(this.path, `${name}${end}`), { force: true })
  }

  /** Log lines of `event`. */
  lines(event: string) {
    return this.#log.lines.filter((line) => line.event === event)
  }

  /** All that is on disk, by file. */
  files(): Map<string, Buffer> {
    const names = readdirSync(this.path)
    return new Map(names.map((name) => [name, readFileSync(join(this.path, name))]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
    rmSync(this.path, { recursive: true, force: true })
  }
}
