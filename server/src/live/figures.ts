import type { Metrics } from '@vedette/shared/metrics'
import { Counter, Gauge, Histogram } from 'prom-client'

const AGE_BUCKETS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5]

/** What is counted of live pictures; `now` is read when somebody asks. */
export class LiveFigures {
  readonly unasked: Counter
  readonly #pictures: Counter
  readonly #bytes: Counter
  readonly #age: Histogram

  constructor(metrics: Metrics, now: { viewers: () => number; cameras: () => number }) {
    const registers = [metrics]
    this.#pictures = new Counter({
      name: 'vedette_live_pictures_total',
      help: 'Live pictures that came from agents and that somebody looked at.',
      registers,
    })
    this.#bytes = new Counter({
      name: 'vedette_live_bytes_total',
      help: 'Bytes of live pictures that came from agents and that somebody looked at.',
      registers,
    })
    this.unasked = new Counter({
      name: 'vedette_live_unasked_total',
      help: 'Live pictures that came when nobody looked, or looked any more; they are dropped.',
      registers,
    })
    this.#age = new Histogram({
      name: 'vedette_live_age_seconds',
      help: 'Age of a live picture when it comes to the server.',
      buckets: AGE_BUCKETS,
      registers,
    })
    const gauges = {
      vedette_live_viewers: [
        'Cameras that are looked at, each counted once for everybody who looks.',
        now.viewers,
      ],
      vedette_live_cameras: ['Cameras that somebody looks at.', now.cameras],
    } as const
    for (const [name, [help, of]] of Object.entries(gauges)) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(of())
        },
      })
    }
  }

  /** One came, `age` seconds after it was taken. */
  took(bytes: number, age: number): void {
    this.#pictures.inc()
    this.#bytes.inc(bytes)
    this.#age.observe(age)
  }
}
