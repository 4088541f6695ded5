import type { Metrics } from '@vedette/shared/metrics'
import { Counter, Gauge } from 'prom-client'

/** What is counted of live pictures. */
export class LiveFigures {
  readonly #pictures: Counter<'outcome'>
  readonly #bytes: Counter

  /** `watched` tells how many cameras are looked at. */
  constructor(metrics: Metrics, watched: () => number) {
    const registers = [metrics]
    this.#pictures = new Counter({
      name: 'vedette_live_pictures_total',
      help: 'Pictures that were due to somebody who looks: sent, or dropped as the link was needed or slow.',
      labelNames: ['outcome'],
      registers,
    })
    this.#bytes = new Counter({
      name: 'vedette_live_bytes_total',
      help: 'Bytes of live pictures that were sent.',
      registers,
    })
    new Gauge({
      name: 'vedette_live_cameras',
      help: 'Cameras that somebody looks at.',
      registers,
      collect() {
        this.set(watched())
      },
    })
  }

  sent(bytes: number): void {
    this.#pictures.inc({ outcome: 'sent' })
    this.#bytes.inc(bytes)
  }

  dropped(): void {
    this.#pictures.inc({ outcome: 'dropped' })
  }
}
