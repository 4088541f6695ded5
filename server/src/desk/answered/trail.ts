import type { Place } from '@vedette/shared/place'
import type { Alert } from '../../store/alerts.ts'

/** A person seen by one camera. Times are epoch milliseconds. */
export type TrailPoint = Pick<
  Alert,
  'agent' | 'camera' | 'incident' | 'certainty' | 'state' | 'outcome' | 'late' | 'retrospective'
> & {
  alert: string
  at: number
  /** Where the camera stood then; null where nobody knew. */
  place: Place | null
  /** Another person is as likely. */
  undecided: boolean
}

/** Where a person was seen, oldest first. */
export type Trail = {
  entry: string
  name: string
  points: TrailPoint[]
  /** There is more in that time, before what is told. */
  more: boolean
}
