import type { Observed } from '@vedette/server/desk/answered/figures'
import type { Account } from '@vedette/server/report/account'
import type { Report } from '@vedette/server/thresholds/report'
import type { Period } from '../../parts/PeriodField.tsx'
import { may } from '../../session.ts'
import { useDesk } from '../../use-desk.ts'

/** All that the page is made of, as far as whoever looks may see it; a report is made where one is asked for. */
export function useFigures(period: Period | undefined, reporting: boolean) {
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const query = period && new URLSearchParams({ ...roundOf(period), timeZone })
  const report = useDesk<Account>(
    query && reporting && may('reports.view') ? `/report?${query}` : undefined,
  )
  const observed = useDesk<Observed>(query && !reporting ? `/figures?${query}` : undefined)
  const thresholds = useDesk<Report[]>(reporting ? undefined : '/thresholds')
  const all = reporting ? [report] : [observed, thresholds]
  return {
    report: report.data,
    observed: observed.data,
    thresholds: thresholds.data,
    problem: all.find(({ problem }) => problem)?.problem,
    busy: all.some(({ busy }) => busy),
    again: async () => {
      await Promise.all(all.map(({ reload }) => reload()))
    },
  }
}

function roundOf({ since, until }: Period) {
  return { from: String(Math.round(since)), to: String(Math.round(until)) }
}
