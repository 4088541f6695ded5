import type { Office } from '@vedette/certs/office'
import { PHASES } from '@vedette/certs/state'
import type { Clock } from '@vedette/shared/clock'
import type { Metrics } from '@vedette/shared/metrics'
import { Counter, Gauge } from 'prom-client'
import { authoritiesOf } from './status.ts'

/** What is counted of revocation lists and of the rotation of authorities. */
export class AuthorityFigures {
  readonly made: Counter
  readonly refused: Counter<'code'>
  readonly failed: Counter

  constructor(metrics: Metrics, office: Office, clock: Clock) {
    const registers = [metrics]
    this.made = new Counter({
      name: 'vedette_crl_made_total',
      help: 'Revocation lists that were made.',
      registers,
    })
    this.refused = new Counter({
      name: 'vedette_crl_refused_total',
      help: 'Revocation lists that were not taken from the disk, by what was wrong with them.',
      labelNames: ['code'],
      registers,
    })
    this.failed = new Counter({
      name: 'vedette_crl_failed_total',
      help: 'Revocation lists that were due and could not be made.',
      registers,
    })
    new Gauge({
      name: 'vedette_crl_left_seconds',
      help: 'Time until the first list of this kind of authority ends; absent where one is missing.',
      labelNames: ['kind'],
      registers,
      collect() {
        this.reset()
        for (const kind of ['root', 'issuing'] as const) {
          const ends = office.lists.filter((list) => list.kind === kind)
          const left = ends.map(
            ({ nextUpdate }) => ((nextUpdate ?? Number.NaN) - clock.now()) / 1000,
          )
          const least = Math.min(...left)
          if (Number.isFinite(least)) this.set({ kind }, least)
        }
      },
    })
    new Gauge({
      name: 'vedette_authority_left_seconds',
      help: 'Time until the first authority of this kind ends that signs or is trusted.',
      labelNames: ['kind'],
      registers,
      collect() {
        const now = clock.now()
        for (const { kind, does, notAfter } of authoritiesOf(office, now)) {
          if (does !== 'let in') this.set({ kind }, (notAfter - now) / 1000)
        }
      },
    })
    new Gauge({
      name: 'vedette_crl_in_force',
      help: '1 while TLS checks revocation lists, 0 while one of them has ended or is missing.',
      registers,
      collect() {
        this.set(office.credentials.crl === undefined ? 0 : 1)
      },
    })
    new Gauge({
      name: 'vedette_rotation_phase',
      help: 'Where the rotation of authorities stands: 1 for the phase that it is in.',
      labelNames: ['phase'],
      registers,
      collect() {
        for (const phase of PHASES) this.set({ phase }, office.state.phase === phase ? 1 : 0)
      },
    })
  }
}
