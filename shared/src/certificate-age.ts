import { X509Certificate } from 'node:crypto'
import { Gauge } from 'prom-client'
import type { Metrics } from './metrics.ts'

const ONE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
/** What the certificates of a chain are, from the holder's up. */
const NAMES = ['own', 'issuing'] as const

/** Figures of when the certificates of `chain` (PEM, leaf first), as it is then, expire. */
export function countExpiry(metrics: Metrics, chain: () => string): void {
  new Gauge({
    name: 'vedette_certificate_expiry_timestamp_seconds',
    help: 'When the certificate expires, Unix time: own, or that of the authority which issued it.',
    labelNames: ['certificate'],
    registers: [metrics],
    collect() {
      this.reset()
      for (const [i, pem] of (chain().match(ONE) ?? []).entries()) {
        const name = NAMES[i]
        if (name === undefined) return
        this.set({ certificate: name }, Date.parse(new X509Certificate(pem).validTo) / 1000)
      }
    },
  })
}
