import { CONFIDENCE, type Forecast, forecastAt, type Origin, type Terms } from './budget.ts'
import type { CameraId } from './budgets.ts'
import { number } from './words.ts'

/** False alerts that one more entry adds at a camera. */
export type Added = CameraId & {
  threshold: number
  origin: Origin
  /** Of a week. Without bounds the camera has not seen enough of its own strangers. */
  forecast: Forecast
  words: string
}

/**
 * What an entry adds that strangers resemble `times` as often as an ordinary one, at a camera with
 * `terms` and `threshold`.
 */
export function addedAt(
  id: CameraId,
  { threshold, origin }: { threshold: number; origin: Origin },
  terms: Omit<Terms, 'budget' | 'floor'>,
  times: number,
): Added {
  const forecast = forecastAt(threshold, { ...terms, entries: times })
  const { agent, camera } = id
  return { agent, camera, threshold, origin, forecast, words: wordsOf(forecast) }
}

function wordsOf({ expected, low, high }: Forecast): string {
  const alerts = `${number(expected)} a week`
  if (low === null || high === null) {
    return `${alerts} by the published calibration; not enough evidence of this camera's own strangers`
  }
  return `${alerts}, between ${number(low)} and ${number(high)} with ${100 * CONFIDENCE} % confidence`
}
