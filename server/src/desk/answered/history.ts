import type { Density } from '../../store/history.ts'
import type { NamedAlert } from '../named.ts'

/** A page of the past, the latest first. */
export type HistoryPage = {
  alerts: NamedAlert[]
  /** What to say as `before` for the next page; null where this is the last. */
  next: string | null
  /** How many there are by time, oldest first; null where nobody asked. */
  density: { step: number; counts: Density[] } | null
}
