import type { Clock } from '@vedette/shared/clock'
import { Unavailable } from '@vedette/shared/errors'
import type { Metrics } from '@vedette/shared/metrics'
import { Counter } from 'prom-client'
import type { Operator } from '../store/operators/operators.ts'
import type { Limit, ThrottleStore } from '../store/throttle.ts'
import type { EnrolmentLimits } from './limits.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** An account is new for so long, and may do a fifth of what others may. */
const NEW_MS = DAY_MS
const NEW_SHARE = 5

export type ThrottleOptions = {
  store: ThrottleStore
  limits: () => EnrolmentLimits
  /** Throws Refusal `operator.not-found`. */
  operator: (name: string) => Pick<Operator, 'createdAt' | 'createdBy'>
  clock: Pick<Clock, 'now'>
  metrics: Metrics
}

/**
 * How fast people may be put on lists. What is asked for counts, whether anything comes of it or
 * not: a flood of pictures that are refused is a flood.
 */
export class Throttle {
  readonly #options: ThrottleOptions
  readonly #held: Counter

  constructor(options: ThrottleOptions) {
    this.#options = options
    this.#held = new Counter({
      name: 'vedette_enrolments_throttled_total',
      help: 'Enrolments that were refused because there were too many',
      registers: [options.metrics],
    })
  }

  /** Counts one enrolment, before anything else is done. Throws Unavailable `enrolment.throttled`. */
  async take(operator: string): Promise<void> {
    const { store, clock } = this.#options
    const now = clock.now()
    const retryAfter = await store.take(operator, now, this.#limitsOf(operator, now))
    if (retryAfter === 0) return
    this.#held.inc()
    throw new Unavailable('enrolment.throttled', 'too many enrolments at a time', {
      retryAfter,
      hint: `go on in ${inWords(retryAfter)}; for many at once: vedette import`,
    })
  }

  #limitsOf(operator: string, now: number): Limit[] {
    const { minute, hour, day, everybody } = this.#options.limits()
    const { createdAt, createdBy } = this.#options.operator(operator)
    const isNew = createdBy !== 'server' && now < createdAt + NEW_MS
    const own = (most: number, within: number): Limit => ({
      most: isNew ? Math.max(1, Math.floor(most / NEW_SHARE)) : most,
      within,
      of: 'operator',
    })
    return [
      own(minute, MINUTE_MS),
      own(hour, HOUR_MS),
      own(day, DAY_MS),
      { most: everybody, within: MINUTE_MS, of: 'everybody' },
    ]
  }
}

function inWords(ms: number): string {
  if (ms < 2 * MINUTE_MS) return `${Math.ceil(ms / 1000)} seconds`
  if (ms < 2 * HOUR_MS) return `${Math.ceil(ms / MINUTE_MS)} minutes`
  return `${Math.ceil(ms / HOUR_MS)} hours`
}
