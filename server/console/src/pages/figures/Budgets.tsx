import { useSignal } from '@preact/signals'
import type { Report } from '@vedette/server/thresholds/report'
import { amount } from '../../amount.ts'
import { Button } from '../../parts/Button.tsx'
import { may } from '../../session.ts'
import { locale, useWords } from '../../words.ts'
import { BudgetDialog } from './BudgetDialog.tsx'
import { stepsOf } from './steps.ts'

type BudgetsProps = { reports: readonly Report[]; onChanged: () => Promise<void> }

/** What each camera may raise, the threshold that follows, and the forecast, step by step in words. */
export function Budgets({ reports, onChanged }: BudgetsProps) {
  const t = useWords('figures')
  const changing = useSignal<Report | undefined>(undefined)
  return (
    <section class="card stack">
      <h2>{t('budget.title')}</h2>
      <p class="small quiet">{t('budget.text')}</p>
      {reports.length === 0 && <p>{t('blind.none')}</p>}
      {reports.map((report) => {
        const { agent, camera, list, budget, threshold, forecast } = report
        return (
          <div key={`${agent}/${camera} ${list ?? ''}`} class="camera-budget">
            <div class="row spread">
              <strong>
                {agent}/{camera}
                {list && ` · ${t('list')} ${list}`}
              </strong>
              {may('thresholds.manage') && list === null && (
                <Button
                  aria-label={`${t('budget.change')}: ${agent}/${camera}`}
                  onClick={() => {
                    changing.value = report
                  }}
                >
                  {t('budget.change')}
                </Button>
              )}
            </div>
            <p>
              {t('budget.line', {
                budget: amount(budget.budget),
                threshold: threshold.toFixed(3),
                expected: amount(forecast.expected),
              })}{' '}
              {forecast.low === null || forecast.high === null
                ? t('budget.unsure')
                : t('budget.between', { low: amount(forecast.low), high: amount(forecast.high) })}
            </p>
            <details>
              <summary>{t('budget.why')}</summary>
              <ol>
                {stepsOf(report, { t, locale: locale.value }).map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
            </details>
          </div>
        )
      })}
      {changing.value && (
        <BudgetDialog
          report={changing.value}
          onClose={(changed) => {
            changing.value = undefined
            if (changed) void onChanged()
          }}
        />
      )}
    </section>
  )
}
