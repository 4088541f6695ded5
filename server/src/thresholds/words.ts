import { CONFIDENCE } from './budget.ts'
import type { Facts } from './facts.ts'

/** From the budget to the threshold, in words. */
export function stepsOf(report: Facts): string[] {
  return [
    budgetStep(report),
    trafficStep(report),
    shareStep(report),
    evidenceStep(report),
    thresholdStep(report),
    forecastStep(report),
    ...judgedStep(report),
    ...doubtStep(report),
  ]
}

function budgetStep({ budget: { budget, scope, target } }: Facts): string {
  const from = {
    file: 'server.yaml (match.budget)',
    server: 'set for the whole server',
    list: `set for list ${target}`,
    camera: `set for camera ${target}`,
  }[scope]
  return `At most ${falseAlerts(budget)} a week: ${from}.`
}

function trafficStep({ seen, week }: Facts): string {
  const watched = `${number(seen.walks)} walks in ${time(seen.watchedMs)} of watching`
  return week.measured
    ? `${watched}: ${number(week.walks)} a week.`
    : `${watched}, less than a week: ${number(week.walks)} a week are assumed (match.walks).`
}

function shareStep({ budget: { budget }, week, entries }: Facts): string {
  const one = Math.max(2, week.walks / budget)
  const list = `${number(entries)} ${entries === 1 ? 'entry' : 'entries'}`
  return `So one walk in ${number(one)} may be taken for any of ${list}: one comparison in ${number(one * Math.max(1, entries))}.`
}

function evidenceStep({ evidence }: Facts): string {
  const { fit, exceedances, needed, comparisons } = evidence
  if (fit !== null) {
    return (
      `The ${exceedances} highest scores of its strangers, from ${score(fit.from)} on, follow a ` +
      `generalised Pareto tail of shape ${fit.shape.toFixed(2)} and scale ${fit.scale.toFixed(4)}.`
    )
  }
  const short =
    exceedances < needed
      ? `${exceedances} scores of strangers in the tail, ${needed} needed (about ${needed * 10} walks)`
      : `${number(comparisons)} comparisons with strangers, this budget takes ` +
        number(evidence.comparisonsNeeded)
  return (
    `Not enough evidence yet: ${short}. Until then the published calibration of the model holds, ` +
    'which was not measured on this camera.'
  )
}

function thresholdStep({ threshold, wanted, origin, evidence }: Facts): string {
  const by = evidence.fit === null ? 'the published calibration' : 'that tail'
  if (origin === 'floor') {
    return `By ${by} ${score(wanted)} would do; the floor (match.floor) is ${score(threshold)}.`
  }
  if (wanted > 1) return `By ${by} no threshold keeps this budget: hardly anybody will be found.`
  return `By ${by} that is a threshold of ${score(threshold)}.`
}

function forecastStep({ forecast: { expected, low, high } }: Facts): string {
  const alerts = `Forecast: ${falseAlerts(expected)} a week`
  if (low === null || high === null) return `${alerts}; how sure that is nobody knows yet.`
  return `${alerts}, between ${number(low)} and ${number(high)} with ${100 * CONFIDENCE} % confidence.`
}

function judgedStep({ evidence: { judgedTrue, judgedFalse } }: Facts): string[] {
  const judged = judgedTrue + judgedFalse
  if (judged === 0) return []
  const alerts = judged === 1 ? '1 alert was' : `${judged} alerts were`
  return [`${alerts} judged: ${judgedTrue} true, ${judgedFalse} false.`]
}

function doubtStep({ evidence: { doubtful, above } }: Facts): string[] {
  if (doubtful === 0) return []
  const known = above > 0 ? ` (${above} strangers at or above the threshold are known)` : ''
  const [alerts, them] =
    doubtful === 1 ? ['1 alert was', 'it'] : [`${doubtful} alerts were`, 'them']
  return [`${alerts} not judged${known}: judging ${them} sharpens this forecast.`]
}

const score = (value: number) => value.toFixed(4)
const falseAlerts = (n: number) => `${number(n)} false ${number(n) === '1' ? 'alert' : 'alerts'}`

/** At most three digits that count, and whole above a hundred. */
export function number(value: number): string {
  const digits = value >= 100 ? Math.round(value) : Number(value.toPrecision(2))
  return digits.toLocaleString('en', { maximumSignificantDigits: 12 })
}

/** In days, or in hours or minutes where these are less than one. */
export function time(ms: number): string {
  const hours = ms / 3_600_000
  if (hours < 1) return `${Math.round(hours * 60)} min`
  return hours < 24 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`
}
