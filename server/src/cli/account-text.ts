import type { Account } from '../report/account.ts'
import type { Figures } from '../report/figures.ts'
import { table, when } from './render.ts'

/** The account for a terminal. */
export function accountText({ from, to, total, cameras, lists }: Account): string {
  const outcome = ['ALERTS', 'RIGHT', 'WRONG', 'UNRESOLVED', 'NOT JUDGED', 'WITHDRAWN', 'PRECISION']
  return [
    `${when(from)} to ${when(to)}: ${total.walks} walks searched for, ${total.alerts} alerts`,
    ...(total.falsePerThousand === null
      ? []
      : [`${range(total.falsePerThousand, 1)} wrong alerts to a thousand walks`]),
    '',
    table(
      ['CAMERA', 'HOURS', 'WALKS', ...outcome],
      cameras.map((row) => [
        `${row.agent}/${row.camera}`,
        (row.watchedMs / 3_600_000).toFixed(1),
        String(row.walks),
        ...outcomes(row),
      ]),
    ),
    '',
    table(
      ['LIST', 'ENTRIES', 'NOW', ...outcome],
      lists.map((row) => [
        row.list,
        row.most === null ? '–' : `${row.fewest}–${row.most}`,
        String(row.now),
        ...outcomes(row),
      ]),
    ),
  ].join('\n')
}

function outcomes(row: Figures): string[] {
  const counts = [row.alerts, row.true, row.false, row.unresolved, row.unjudged, row.withdrawn]
  return [...counts.map(String), row.precision === null ? '–' : `${range(row.precision, 100)} %`]
}

function range({ value, low, high }: { value: number; low: number; high: number }, times: number) {
  const [is, from, to] = [value, low, high].map((share) => (times * share).toPrecision(2))
  return `${is} (${from} to ${to})`
}
