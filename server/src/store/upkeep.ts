import { stat, statfs } from 'node:fs/promises'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Metrics } from '@vedette/shared/metrics'
import { Counter, Gauge } from 'prom-client'
import { standingOf, type TroubleCode } from './condition.ts'
import type { Reserve } from './reserve.ts'
import type { Store } from './store.ts'

const LOOK_MS = 2000
/** A larger write-ahead log is emptied, bytes. */
const LARGE_LOG = 16 * 2 ** 20
/** Free room below which nothing more is taken in, bytes. */
const LEAST_ROOM = 16 * 2 ** 20

export type UpkeepOptions = {
  store: Pick<Store, 'condition' | 'pulse' | 'empty'>
  /** Folder of the databases; the write-ahead log looked after. */
  folder: string
  logFile: string
  /** Room kept for what must be written on a full disk. */
  reserve: Reserve
  /** Free room below which nothing more is taken in, bytes. */
  leastRoom?: number
  clock: Clock
  log: Log
  metrics: Metrics
}

/**
 * Looks after the disk under the database: keeps room for alerts and for the record, gives it up
 * when a write finds none, keeps the write-ahead log short, and takes everything up again by itself.
 */
export class Upkeep {
  readonly #options: UpkeepOptions
  readonly #reserve: Reserve
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #logBytes = 0
  #freeBytes = 0
  #releasing: Promise<void> | undefined

  /** Starts at once. */
  constructor(options: UpkeepOptions) {
    this.#options = options
    this.#reserve = options.reserve
    options.store.condition.attend(() => this.#giveRoom())
    options.store.condition.listen((code, on) => this.#changed(code, on))
    this.#count()
    this.#running = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.#releasing
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        await this.#look()
      } catch (error) {
        log.error({ code: codeOf(error), message: messageOf(error) }, 'store.unwatched')
      }
      await clock.sleep(LOOK_MS, signal).catch(() => {})
    }
  }

  async #look(): Promise<void> {
    const { store, folder, leastRoom = LEAST_ROOM } = this.#options
    const { condition } = store
    await this.#shortenLog()
    const { bavail, bsize } = await statfs(folder)
    this.#freeBytes = bavail * bsize
    if (this.#freeBytes < leastRoom) condition.set('store.full', true)
    else if (!this.#reserve.held) await this.#takeRoom(leastRoom)
    else condition.set('store.full', false)
    // The first write that succeeds settles what those before it left in doubt.
    if (condition.has('store.failed') || condition.has('store.busy')) await this.#beat()
  }

  /** What was given up is held again before anything else may have it. */
  async #takeRoom(leastRoom: number): Promise<void> {
    const { condition } = this.#options.store
    if (this.#freeBytes >= this.#reserve.size + leastRoom && (await this.#reserve.take())) {
      await this.#beat()
      condition.set('store.full', false)
    }
  }

  async #beat(): Promise<void> {
    const { store, clock } = this.#options
    await store.pulse.beat(clock.now()).catch(() => {}) // the condition says why
  }

  async #shortenLog(): Promise<void> {
    const { store, logFile } = this.#options
    const size = async () => (await stat(logFile).catch(() => undefined))?.size ?? 0
    this.#logBytes = await size()
    if (this.#logBytes > LARGE_LOG) {
      await store.empty().catch(() => {}) // a full or locked disk is told of by its next write
      this.#logBytes = await size()
    }
    store.condition.set('store.log-pinned', this.#logBytes > LARGE_LOG)
  }

  #changed(code: TroubleCode, on: boolean): void {
    const { clock, log } = this.#options
    if (!on) {
      log.info({ code }, 'store.well')
      return
    }
    const { message, hint } = standingOf({ code, since: clock.now() })
    log.error({ code, message, hint }, 'store.trouble')
  }

  /** Where not even that can be done there is no room to be had. */
  #giveRoom(): void {
    this.#releasing = this.#reserve.release().catch(() => {})
  }

  #count(): void {
    const { metrics, store } = this.#options
    const registers = [metrics]
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value())
        },
      })
    gauge('vedette_store_log_bytes', 'Size of the write-ahead log.', () => this.#logBytes)
    gauge(
      'vedette_store_free_bytes',
      'Free room on the disk of the database.',
      () => this.#freeBytes,
    )
    gauge(
      'vedette_store_reserve_bytes',
      'Room kept for what must be written on a full disk.',
      () => (this.#reserve.held ? this.#reserve.size : 0),
    )
    gauge(
      'vedette_store_troubles',
      'What is wrong with the database now, how many things.',
      () => store.condition.troubles.length,
    )
    const troubles = new Counter({
      name: 'vedette_store_troubles_total',
      help: 'How often something came to be wrong with the database.',
      labelNames: ['code'],
      registers,
    })
    store.condition.listen((code, on) => {
      if (on) troubles.inc({ code })
    })
  }
}
