import type { Metrics } from '@vedette/shared/metrics'
import { Counter, Gauge, Histogram } from 'prom-client'

/** What the gate counts; `now` are figures that are read when somebody asks. */
export class GateFigures {
  readonly handshakes: Counter
  readonly refused: Counter<'reason'>
  readonly closed: Counter<'reason'>
  readonly busy: Counter
  readonly late: Counter
  readonly request: Histogram

  constructor(metrics: Metrics, now: { connections: () => number; queued: () => number }) {
    const registers = [metrics]
    this.handshakes = new Counter({
      name: 'vedette_gate_handshakes_total',
      help: 'Peers whose certificate TLS has verified.',
      registers,
    })
    this.refused = new Counter({
      name: 'vedette_gate_refused_total',
      help: 'Connections that never became a session, by what was wrong.',
      labelNames: ['reason'],
      registers,
    })
    this.closed = new Counter({
      name: 'vedette_gate_closed_total',
      help: 'Sessions that ended, by reason.',
      labelNames: ['reason'],
      registers,
    })
    this.busy = new Counter({
      name: 'vedette_gate_busy_total',
      help: 'Questions that their agent was told to ask again later.',
      registers,
    })
    this.late = new Counter({
      name: 'vedette_gate_late_total',
      help: 'Questions that came more than ten seconds after their picture was taken.',
      registers,
    })
    this.request = new Histogram({
      name: 'vedette_gate_request_seconds',
      help: 'From the arrival of a question until all that comes of it is on disk.',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 5],
      registers,
    })
    new Gauge({
      name: 'vedette_gate_connections',
      help: 'Connections that are open, welcome or not.',
      registers,
      collect() {
        this.set(now.connections())
      },
    })
    new Gauge({
      name: 'vedette_gate_queue_depth',
      help: 'Questions that wait for their turn at the gallery.',
      registers,
      collect() {
        this.set(now.queued())
      },
    })
  }
}
