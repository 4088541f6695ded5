import { countExpiry } from '@vedette/shared/certificate-age'
import type { Metrics } from '@vedette/shared/metrics'
import { Counter, Gauge, Histogram } from 'prom-client'
import type { Alerts } from './alerts/alerts.ts'
import type { Galleries } from './gallery/galleries.ts'
import type { AlertStore } from './store/alerts.ts'

export type FiguresOptions = {
  galleries: Galleries
  alerts: Pick<Alerts, 'listen'>
  store: Pick<AlertStore, 'counts'>
  /** Agents that are welcome now, and their cameras. */
  here: { readonly connected: readonly unknown[]; readonly cameras: readonly unknown[] }
  /** The server's certificates, PEM, its own first. */
  chain: () => string
}

const SEARCH_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1]
const JUDGE_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5]

/** Times that are taken where they pass, seconds. */
export class Stopwatches {
  readonly #search: Histogram
  readonly #judge: Histogram

  constructor(metrics: Metrics) {
    const registers = [metrics]
    this.#search = new Histogram({
      name: 'vedette_search_duration_seconds',
      help: 'Time of one search in a gallery, for all the questions that are searched for together.',
      buckets: SEARCH_BUCKETS,
      registers,
    })
    this.#judge = new Histogram({
      name: 'vedette_match_duration_seconds',
      help: 'Time from a question to all that came of it on disk.',
      buckets: JUDGE_BUCKETS,
      registers,
    })
  }

  searched(seconds: number): void {
    this.#search.observe(seconds)
  }

  judged(seconds: number): void {
    this.#judge.observe(seconds)
  }
}

/** A server's figures. None of them names a person or an entry. */
export function countAll(metrics: Metrics, options: FiguresOptions): void {
  const registers = [metrics]
  const { galleries, alerts, store, here } = options
  const sizes = {
    vedette_gallery_entries: ['Entries of the list that can be found.', 'entries'],
    vedette_gallery_templates: ['Templates that are searched.', 'templates'],
  } as const
  for (const [name, [help, size]] of Object.entries(sizes)) {
    new Gauge({
      name,
      help,
      labelNames: ['space'],
      registers,
      collect() {
        this.reset()
        for (const gallery of galleries.all) this.set({ space: gallery.space }, gallery[size])
      },
    })
  }
  new Gauge({
    name: 'vedette_agents_connected',
    help: 'Agents that are welcome now.',
    registers,
    collect() {
      this.set(here.connected.length)
    },
  })
  new Gauge({
    name: 'vedette_cameras_connected',
    help: 'Cameras of the agents that are welcome now.',
    registers,
    collect() {
      this.set(here.cameras.length)
    },
  })
  new Gauge({
    name: 'vedette_alerts',
    help: 'Alerts in the database.',
    labelNames: ['state', 'certainty'],
    registers,
    async collect() {
      const counts = await store.counts()
      this.reset()
      for (const { state, certainty, count } of counts) this.set({ state, certainty }, count)
    },
  })
  const changes = new Counter({
    name: 'vedette_alert_changes_total',
    help: 'What happened to alerts since the server started.',
    labelNames: ['kind'],
    registers,
  })
  changes.inc({ kind: 'raised' }, 0)
  alerts.listen(({ kind }) => changes.inc({ kind }))
  countExpiry(metrics, options.chain)
}
