import type { Metrics } from '@vedette/shared/metrics'
import { Counter, Gauge } from 'prom-client'
import { DROP_REASONS, type DropReason } from './file.ts'

/** How full an outbox is; `oldest` in milliseconds. */
export type OutboxLevel = {
  waiting: number
  unsaved: number
  bytes: number
  oldest: number | undefined
}

export type OutboxCounters = { dropped(reason: DropReason, count: number): void }

/** The figures of an outbox, which dropped so many before. */
export function countOutbox(
  metrics: Metrics,
  before: Readonly<Record<DropReason, number>>,
  level: () => OutboxLevel,
): OutboxCounters {
  const registers = [metrics]
  const dropped = new Counter({
    name: 'vedette_outbox_dropped_total',
    help: 'Messages that will never reach the server, since the outbox was made, by why.',
    labelNames: ['reason'],
    registers,
  })
  for (const reason of DROP_REASONS) dropped.inc({ reason }, before[reason])
  const gauges: [name: string, help: string, value: (level: OutboxLevel) => number][] = [
    ['waiting', 'Messages that the server has not acknowledged.', ({ waiting }) => waiting],
    ['unsaved', 'Those of them that are in memory only.', ({ unsaved }) => unsaved],
    ['bytes', 'Room that they take.', ({ bytes }) => bytes],
    ['oldest_seconds', 'Age of the oldest.', ({ oldest }) => (oldest ?? 0) / 1000],
  ]
  for (const [name, help, value] of gauges) {
    new Gauge({
      name: `vedette_outbox_${name}`,
      help,
      registers,
      collect() {
        this.set(value(level()))
      },
    })
  }
  return { dropped: (reason, count) => dropped.inc({ reason }, count) }
}
