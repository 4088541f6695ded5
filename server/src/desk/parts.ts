import type { Log } from '@vedette/shared/log'
import type { Alerts } from '../alerts/alerts.ts'
import type { Enrolment } from '../gallery/enrolment.ts'
import type { EntryHealth } from '../health/health.ts'
import type { Rejections } from '../matching/rejections.ts'
import type { Strictness } from '../matching/strictness.ts'
import type { Store } from '../store/store.ts'
import type { Thresholds } from '../thresholds/thresholds.ts'

/** What the routes of the desk reach. */
export type DeskParts = {
  store: Store
  alerts: Alerts
  enrolment: Enrolment
  rejections: Rejections
  strictness: Strictness
  /** Which entries cause trouble, the worst first. */
  health: () => Promise<EntryHealth[]>
  thresholds: Thresholds
  /** Agents that are connected now. */
  connected: () => string[]
  log: Log
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The operator whose certificate made this request. */
    operator: string
  }
}
