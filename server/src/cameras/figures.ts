import type { Clock } from '@vedette/shared/clock'
import type { Metrics } from '@vedette/shared/metrics'
import { Counter, Gauge, Histogram } from 'prom-client'
import type { Cameras } from './cameras.ts'

const LATENCY_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60]
const STATES = ['green', 'amber', 'red'] as const

/** What came of canaries, counted. */
export class CanaryFigures {
  readonly #passed: Counter
  readonly #missed: Counter
  readonly #refused: Counter<'reason'>
  readonly #latency: Histogram

  constructor(metrics: Metrics) {
    const registers = [metrics]
    this.#passed = new Counter({
      name: 'vedette_canary_passed_total',
      help: 'Test faces that came all the way from a camera.',
      registers,
    })
    this.#missed = new Counter({
      name: 'vedette_canary_missed_total',
      help: 'Test faces that had not come when the next was due.',
      registers,
    })
    this.#refused = new Counter({
      name: 'vedette_canary_refused_total',
      help: 'Questions whose mark of a canary was not believed.',
      labelNames: ['reason'],
      registers,
    })
    this.#latency = new Histogram({
      name: 'vedette_canary_latency_seconds',
      help: 'Time from asking for a test face to all that came of it on disk.',
      buckets: LATENCY_BUCKETS,
      registers,
    })
  }

  passed(seconds: number): void {
    this.#passed.inc()
    this.#latency.observe(seconds)
  }

  missed(): void {
    this.#missed.inc()
  }

  refused(reason: string): void {
    this.#refused.inc({ reason })
  }
}

/** Cameras by state, and how long ago each was last seen to work. */
export function countCameras(metrics: Metrics, cameras: Pick<Cameras, 'all'>, clock: Clock): void {
  const registers = [metrics]
  new Gauge({
    name: 'vedette_canary_age_seconds',
    help: 'Time since a test face last came through, or since the camera is known.',
    labelNames: ['agent', 'camera'],
    registers,
    collect() {
      this.reset()
      for (const { agent, camera, passedAt, firstSeen } of cameras.all()) {
        this.set({ agent, camera }, (clock.now() - (passedAt ?? firstSeen)) / 1000)
      }
    },
  })
  new Gauge({
    name: 'vedette_cameras',
    help: 'Cameras that are known, by state.',
    labelNames: ['state'],
    registers,
    collect() {
      const all = cameras.all()
      for (const state of STATES) {
        this.set({ state }, all.filter((camera) => camera.state === state).length)
      }
    },
  })
}
