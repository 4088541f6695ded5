import type { Forecast, Verdict } from './budget.ts'
import type { CameraId, Holding } from './budgets.ts'
import type { Tail } from './tail.ts'

/** Everything that the threshold of one camera follows from; for one list where that has its own. */
export type Facts = CameraId &
  Verdict & {
    forecast: Forecast
    list: string | null
    budget: Holding
    floor: number
    entries: number
    /** Walks seen, the time they were seen in, and since when (epoch milliseconds). */
    seen: { walks: number; watchedMs: number; since: number | null }
    /** Walks in a week, counted or assumed. */
    week: { walks: number; measured: boolean }
    evidence: {
      /** Scores in the tail, and how many it takes. */
      exceedances: number
      needed: number
      /** Comparisons seen, and how many this budget takes. */
      comparisons: number
      comparisonsNeeded: number
      /** Alerts that nobody has judged, and scores from the threshold on that are impostors'. */
      doubtful: number
      /** Alerts that somebody has judged. */
      judgedTrue: number
      judgedFalse: number
      above: number
      /** The fit that the threshold follows from, null while there is too little. */
      fit: Pick<Tail, 'from' | 'shape' | 'scale'> | null
    }
  }
