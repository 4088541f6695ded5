import type { Account } from '../../report/account.ts'
import type { Delays } from '../../report/delays.ts'
import type { Watched } from '../../report/watched.ts'

/** How long things took, and what could be seen, from `from` to `to`. */
export type Observed = {
  from: number
  to: number
  delays: Delays
  /** By camera; what was to be said of it is remembered for a month, or as long as the past is kept. */
  cameras: Watched[]
  /** What came of it; null for whoever may not see reports. */
  account: Account | null
}
