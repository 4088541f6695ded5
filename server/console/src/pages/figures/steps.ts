import type { Report } from '@vedette/server/thresholds/report'
import type { TFunction } from 'i18next'

type Words = { t: TFunction<'figures'>; locale: string }

/** From the budget to the threshold, step by step: as the desk says it, in the language of the console. */
export function stepsOf(report: Report, words: Words): string[] {
  return [
    budgetStep(report, words),
    trafficStep(report, words),
    shareStep(report, words),
    evidenceStep(report, words),
    thresholdStep(report, words),
    forecastStep(report, words),
    ...judgedStep(report, words),
    ...doubtStep(report, words),
  ]
}

function budgetStep({ budget: { budget, scope, target } }: Report, words: Words): string {
  return words.t(`steps.budget.${scope}`, { alerts: falseAlerts(budget, words), target })
}

function trafficStep({ seen, week }: Report, { t, locale }: Words): string {
  return t(week.measured ? 'steps.traffic.measured' : 'steps.traffic.assumed', {
    walks: number(seen.walks, locale),
    time: time(seen.watchedMs, { t, locale }),
    week: number(week.walks, locale),
  })
}

function shareStep({ budget: { budget }, week, entries }: Report, { t, locale }: Words): string {
  const one = Math.max(2, week.walks / budget)
  return t('steps.share', {
    count: entries,
    entries: number(entries, locale),
    one: number(one, locale),
    comparisons: number(one * Math.max(1, entries), locale),
  })
}

function evidenceStep({ evidence }: Report, { t, locale }: Words): string {
  const { fit, exceedances, needed, comparisons, comparisonsNeeded } = evidence
  if (fit !== null) {
    return t('steps.evidence.tail', {
      exceedances,
      from: decimal(fit.from, 4, locale),
      shape: decimal(fit.shape, 2, locale),
      scale: decimal(fit.scale, 4, locale),
    })
  }
  if (exceedances < needed) {
    return t('steps.evidence.scores', { exceedances, needed, walks: needed * 10 })
  }
  return t('steps.evidence.comparisons', {
    comparisons: number(comparisons, locale),
    needed: number(comparisonsNeeded, locale),
  })
}

function thresholdStep(
  { threshold, wanted, origin, evidence }: Report,
  { t, locale }: Words,
): string {
  const said = {
    by: t(evidence.fit === null ? 'steps.by.published' : 'steps.by.tail'),
    wanted: decimal(wanted, 4, locale),
    threshold: decimal(threshold, 4, locale),
  }
  if (origin === 'floor') return t('steps.threshold.floor', said)
  return t(wanted > 1 ? 'steps.threshold.none' : 'steps.threshold.is', said)
}

function forecastStep({ forecast: { expected, low, high } }: Report, words: Words): string {
  const { t, locale } = words
  const alerts = falseAlerts(expected, words)
  if (low === null || high === null) return t('steps.forecast.unsure', { alerts })
  const [least, most] = [number(low, locale), number(high, locale)]
  return t('steps.forecast.between', { alerts, low: least, high: most })
}

function judgedStep({ evidence: { judgedTrue, judgedFalse } }: Report, { t }: Words): string[] {
  const count = judgedTrue + judgedFalse
  return count === 0 ? [] : [t('steps.judged', { count, right: judgedTrue, wrong: judgedFalse })]
}

function doubtStep({ evidence: { doubtful: count, above } }: Report, { t }: Words): string[] {
  if (count === 0) return []
  const known = above > 0 ? t('steps.known', { above }) : ''
  return [t('steps.doubt', { count, known })]
}

function falseAlerts(alerts: number, { t, locale }: Words): string {
  const said = number(alerts, locale)
  return t('steps.falseAlerts', { count: said === '1' ? 1 : 2, alerts: said })
}

/** At most two digits that count, and whole above a hundred. */
function number(value: number, locale: string): string {
  const digits = value >= 100 ? Math.round(value) : Number(value.toPrecision(2))
  return new Intl.NumberFormat(locale, { maximumSignificantDigits: 12 }).format(digits)
}

function decimal(value: number, digits: number, locale: string): string {
  const exactly = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return new Intl.NumberFormat(locale, { ...exactly, useGrouping: false }).format(value)
}

/** In days, or in hours or minutes where these are less than one. */
function time(ms: number, { t, locale }: Words): string {
  const hours = ms / 3_600_000
  if (hours < 1) return t('steps.time.minutes', { value: Math.round(hours * 60) })
  if (hours < 24) return t('steps.time.hours', { value: decimal(hours, 1, locale) })
  return t('steps.time.days', { value: decimal(hours / 24, 1, locale) })
}
