import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { AuditLog } from '../audit/audit-log.ts'
import { ACTS, type Keep } from '../audit/kinds.ts'
import type { Store } from '../store/store.ts'
import type { RetentionPeriods } from './periods.ts'

/** What is due is deleted this much later at most, milliseconds. */
const LOOK_MS = 30_000
/** By how much the clock can have been wrong when an act was recorded, milliseconds. */
const SLACK_MS = 86_400_000

export type SweeperOptions = {
  store: Pick<Store, 'retention' | 'empty'>
  audit: Pick<AuditLog, 'inTurn'>
  periods: RetentionPeriods
  /** Called when alerts were deleted: what was learned of them is forgotten. */
  onAlertsDropped: () => Promise<void>
  clock: Clock
  log: Log
}

/** Deletes what was kept for as long as it may be kept, each kind in its time. */
export class Sweeper {
  readonly #options: SweeperOptions
  /** By kind, until when acts have no bodies any more. */
  readonly #swept = new Map<string, number>()
  #timer: Timer | undefined
  #sweeping: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  /** Sweeps now and from now on. */
  start(): void {
    void this.sweep().finally(() => this.#rest())
  }

  /** Deletes what is due. What cannot be deleted now is tried again with the next. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping
      .then(() => (this.#stopped ? undefined : this.#sweep()))
      .catch((error) => {
        const { log } = this.#options
        log.error({ code: codeOf(error), message: messageOf(error) }, 'retention.failed')
      })
    return this.#sweeping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#sweeping
  }

  #rest(): void {
    if (this.#stopped) return
    this.#timer = this.#options.clock.after(LOOK_MS, () => this.start())
  }

  async #sweep(): Promise<void> {
    const { store, audit, periods, onAlertsDropped, clock, log } = this.#options
    const now = clock.now()
    const { retention } = store
    const alerts = await retention.dropAlerts(now - periods.alerts, now - 2 * periods.alerts, now)
    if (alerts > 0) await onAlertsDropped()
    const dropped: Record<string, number> = { alerts }
    for (const what of ['nearMisses', 'joinAttempts', 'troubles'] as const) {
      dropped[what] = await retention.drop(what, now - periods[what], now)
    }
    dropped.acts = await audit.inTurn(() => this.#shorten(now))
    const total = Object.values(dropped).reduce((sum, count) => sum + count, 0)
    if (total === 0) return
    // Until then what was deleted is still in the write-ahead log.
    await store.empty()
    log.info(dropped, 'retention.applied')
  }

  /** Deletes the bodies of acts that are due, and acts that have none any more. */
  async #shorten(now: number): Promise<number> {
    const { store, periods } = this.#options
    const { retention } = store
    const longest = Math.max(periods.audit, periods.views)
    let bodies = 0
    for (const [kind, { keep }] of Object.entries<{ keep: Keep }>(ACTS)) {
      const before = now - periods[keep]
      const since = this.#swept.get(kind) ?? Number.MIN_SAFE_INTEGER
      bodies += await retention.dropBodies(kind, { since, before }, now)
      this.#swept.set(kind, before - SLACK_MS)
    }
    while ((await retention.dropPrefix(now - longest, now)) > 0) await new Promise(setImmediate)
    return bodies
  }
}
