import type { Observed } from '@vedette/server/desk/routes/figures'
import type { Account } from '@vedette/server/report/account'
import type { Report } from '@vedette/server/thresholds/report'
import type { Period } from '../../parts/PeriodField.tsx'
import { may } from '../../session.ts'
import { useDesk } from '../../use-desk.ts'

/** All that the page is made of, as far as whoever looks may see it. */
export function useFigures(period: Period | undefined) {
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const asked = period && new URLSearchParams(roundOf(period))
  const account = useDesk<Account>(
    asked && may('reports.view')
      ? `/report?${asked}&timeZone=${encodeURIComponent(timeZone)}`
      : undefined,
  )
  const observed = useDesk<Observed>(asked && `/figures?${asked}`)
  const thresholds = useDesk<Report[]>(may('thresholds.view') ? '/thresholds' : undefined)
  const all = [account, observed, thresholds]
  return {
    account: account.data,
    observed: observed.data,
    thresholds: thresholds.data,
    problem: all.find(({ problem }) => problem)?.problem,
    busy: all.some(({ busy, data }) => busy && data === undefined),
    again: async () => {
      await Promise.all(all.map(({ reload }) => reload()))
    },
  }
}

function roundOf({ since, until }: Period) {
  return { from: String(Math.round(since)), to: String(Math.round(until)) }
}
