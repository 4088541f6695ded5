import { useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { PeriodField, periodOf, type Typed } from '../../parts/PeriodField.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { may } from '../../session.ts'
import { useWords } from '../../words.ts'
import { Budgets } from './Budgets.tsx'
import { Delays } from './Delays.tsx'
import { Outcomes } from './Outcomes.tsx'
import { Report } from './Report.tsx'
import { useFigures } from './use-figures.ts'
import { WatchedCameras } from './WatchedCameras.tsx'
import '../../styles/print.css'
import './figures.css'

/** What came of it, how sure that is, how fast it was, and what nobody could see. */
export default function Figures() {
  const t = useWords('figures')
  const { path, query, route } = useLocation()
  const typed: Typed = { from: query.from ?? '30d', to: query.to ?? '' }
  const address = `?${new URLSearchParams(typed)}`
  const period = useMemo(() => periodOf(typed), [address])
  const reporting = path === '/figures/report'
  const { report, observed, thresholds, problem, busy, again } = useFigures(period, reporting)
  const account = observed?.account
  return (
    <>
      <header>
        <h1>{t('title')}</h1>
        {may('reports.view') && (
          <nav class="tabs" aria-label={t('title')}>
            <a href={`/figures${address}`} aria-current={reporting ? undefined : 'page'}>
              {t('tab.figures')}
            </a>
            <a href={`/figures/report${address}`} aria-current={reporting ? 'page' : undefined}>
              {t('tab.report')}
            </a>
          </nav>
        )}
      </header>
      <div class="card unprinted">
        <PeriodField
          value={typed}
          onChange={(next) => route(`${path}?${new URLSearchParams(next)}`)}
        />
      </div>
      <Problem problem={problem} onRetry={again} />
      {busy && <Progress label={t('busy')} />}
      {reporting ? (
        report && <Report account={report} />
      ) : (
        <>
          {!may('reports.view') && <p class="quiet">{t('noReports')}</p>}
          {account && <Outcomes account={account} thresholds={thresholds} />}
          {observed && <Delays observed={observed} />}
          {observed && <WatchedCameras observed={observed} />}
          {thresholds && <Budgets reports={thresholds} onChanged={again} />}
        </>
      )}
    </>
  )
}
