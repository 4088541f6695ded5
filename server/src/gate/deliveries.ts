import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Metrics } from '@vedette/shared/metrics'
import { Counter } from 'prom-client'
import type { DeliveryStore } from '../store/deliveries.ts'
import { Delivery, type Numbered, type Taken } from './delivery.ts'

/** What is done is on disk by then, milliseconds; what comes again after a crash is done once anyway. */
const KEEP_MS = 1000

export type DeliveriesOptions = {
  store: Pick<DeliveryStore, 'all' | 'save'>
  clock: Clock
  log: Log
  metrics: Metrics
}

/** How far each agent has come with its outbox, in memory, and a moment later on disk. */
export class Deliveries {
  readonly #options: DeliveriesOptions
  readonly #of = new Map<string, Delivery>()
  readonly #unsaved = new Set<string>()
  readonly #lost: Counter
  readonly #repeated: Counter
  #timer: Timer | undefined
  #saving: Promise<void> = Promise.resolve()

  static async open(options: DeliveriesOptions): Promise<Deliveries> {
    const deliveries = new Deliveries(options)
    for (const { agent, ...progress } of await options.store.all()) {
      deliveries.#of.set(agent, deliveries.#delivery(agent, progress))
    }
    return deliveries
  }

  private constructor(options: DeliveriesOptions) {
    this.#options = options
    const registers = [options.metrics]
    this.#lost = new Counter({
      name: 'vedette_deliveries_lost_total',
      help: "Numbers of agents' outboxes that never came.",
      registers,
    })
    this.#repeated = new Counter({
      name: 'vedette_deliveries_repeated_total',
      help: 'Messages that came again and were done already.',
      registers,
    })
  }

  /** Messages of `agent` that never came. */
  lostOf(agent: string): number {
    return this.#of.get(agent)?.progress.lost ?? 0
  }

  /** `agent` has a connection with numbers of this outbox; gives the highest that is done. */
  begin(agent: string, outbox: { stream: string; first: number }): number {
    const known = this.#of.get(agent) ?? this.#delivery(agent, undefined)
    this.#of.set(agent, known)
    return known.begin(outbox)
  }

  /** Has `work` done for a message of `agent` unless it was before. Call `begin` first. */
  async take(agent: string, message: Numbered, work: () => Promise<boolean>): Promise<Taken> {
    const taken = await this.#of.get(agent)!.take(message, work)
    if (taken === 'repeat') this.#repeated.inc()
    if (taken === 'done') this.#keep(agent)
    return taken
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel()
    await this.#saving
    await this.#save()
    this.#timer?.cancel()
  }

  #delivery(agent: string, progress: ConstructorParameters<typeof Delivery>[0]): Delivery {
    return new Delivery(progress, (lost, seq) => {
      this.#lost.inc(lost)
      this.#options.log.warn({ agent, lost, seq }, 'agent.gap')
      this.#keep(agent)
    })
  }

  #keep(agent: string): void {
    this.#unsaved.add(agent)
    this.#timer ??= this.#options.clock.after(KEEP_MS, () => {
      this.#saving = this.#save()
    })
  }

  async #save(): Promise<void> {
    this.#timer = undefined
    const agents = [...this.#unsaved]
    if (agents.length === 0) return
    this.#unsaved.clear()
    const rows = agents.map((agent) => ({ agent, ...this.#of.get(agent)!.progress }))
    try {
      await this.#options.store.save(rows)
    } catch (error) {
      const { log } = this.#options
      log.warn({ code: codeOf(error), message: messageOf(error) }, 'deliveries.unsaved')
      for (const agent of agents) this.#keep(agent)
    }
  }
}
