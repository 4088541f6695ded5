import type { Clock } from '@vedette/shared/clock'
import type { Metrics } from '@vedette/shared/metrics'
import type { Operators } from '../operators/operators.ts'
import type { Settings } from '../settings.ts'
import type { Store } from '../store/store.ts'
import { Imports } from './imports.ts'
import { Throttle } from './throttle.ts'

export type PacingOptions = {
  settings: Pick<Settings, 'enrolment'>
  store: Pick<Store, 'throttle' | 'imports'>
  operators: Pick<Operators, 'all' | 'get'>
  clock: Pick<Clock, 'now'>
  metrics: Metrics
}

/** How fast people may be enrolled one by one, and the lawful way for many at once. */
export function pacing(options: PacingOptions): { throttle: Throttle; imports: Imports } {
  const { settings, store, operators, clock, metrics } = options
  const limits = () => settings.enrolment.limits
  const operator = (name: string) => operators.get(name)
  const approval = () => settings.enrolment.bulkApproval
  return {
    throttle: new Throttle({ store: store.throttle, limits, operator, clock, metrics }),
    imports: new Imports({
      store: store.imports,
      approval,
      operators: () => operators.all(),
      clock,
    }),
  }
}
