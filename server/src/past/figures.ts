import type { Metrics } from '@vedette/shared/metrics'
import { Gauge } from 'prom-client'
import type { Past } from './past.ts'

/** How much is kept: of nobody. */
export function countPast(metrics: Metrics, past: Pick<Past, 'status'>): void {
  const registers = [metrics]
  new Gauge({
    name: 'vedette_past_walks',
    help: 'Walks that matched nobody and are kept, because a list asks for it.',
    registers,
    collect() {
      this.set(past.status.walks)
    },
  })
  new Gauge({
    name: 'vedette_past_bytes',
    help: 'What they take on the disk, nearly.',
    registers,
    collect() {
      this.set(past.status.bytes)
    },
  })
}
