import type { Metrics } from '@vedette/shared/metrics'
import { Gauge } from 'prom-client'
import type { AuditLog } from './audit-log.ts'

/** Counts how far the record is, and tells whether it is whole. */
export function countAudit(metrics: Metrics, audit: Pick<AuditLog, 'intact' | 'signed'>): void {
  new Gauge({
    name: 'vedette_audit_intact',
    help: '1 while the record of what was done verifies, 0 from when it did not.',
    registers: [metrics],
    collect() {
      this.set(audit.intact ? 1 : 0)
    },
  })
  new Gauge({
    name: 'vedette_audit_signed_act',
    help: 'Number of the last act of the record that a signed head speaks of.',
    registers: [metrics],
    collect() {
      this.set(audit.signed.seq)
    },
  })
  new Gauge({
    name: 'vedette_audit_signed_timestamp_seconds',
    help: 'When the last head of the record was signed.',
    registers: [metrics],
    collect() {
      this.set(audit.signed.at / 1000)
    },
  })
}
