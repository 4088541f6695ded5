import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import type { Alerts } from '../alerts/alerts.ts'
import type { Galleries } from '../gallery/galleries.ts'
import type { Rejections } from '../matching/rejections.ts'
import type { Strictness } from '../matching/strictness.ts'
import type { Judges } from '../spaces/judges.ts'
import type { AlertStore } from '../store/alerts.ts'
import type { AuditStore } from '../store/audit.ts'
import type { EntryStore } from '../store/entries.ts'
import type { PastStore } from '../store/past/past.ts'
import type { Keeper } from './keeper.ts'
import type { PastPolicy } from './policy.ts'

/** What a search of the past reaches. */
export type PastParts = {
  store: PastStore
  keeper: Keeper
  entries: Pick<EntryStore, 'get' | 'templates'>
  alertStore: AlertStore
  alerts: Pick<Alerts, 'lookBack'>
  audit: Pick<AuditStore, 'note' | 'search'>
  galleries: Galleries
  judges: Judges
  rejections: Pick<Rejections, 'cover'>
  strictness: Pick<Strictness, 'of'>
  /** What lists ask for, as they are now. */
  policies: () => readonly PastPolicy[]
  clock: Clock
  log: Log
}
