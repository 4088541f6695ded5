import type { Account } from '@vedette/server/report/account'
import type { Figures } from '@vedette/server/report/figures'
import type { Report } from '@vedette/server/thresholds/report'
import { amount } from '../../amount.ts'
import { Empty } from '../../parts/Empty.tsx'
import { Scroll } from '../../parts/Scroll.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { FATES } from '../../plots/fates.ts'
import { Precision } from '../../plots/Interval.tsx'
import { StackedBars } from '../../plots/StackedBars.tsx'
import { locale, useWords } from '../../words.ts'

const WEEK_MS = 7 * 86_400_000

type OutcomesProps = { account: Account; thresholds: readonly Report[] | undefined }

/** Alerts by day, list and camera, what they turned out to be, and how sure that is. */
export function Outcomes({ account, thresholds }: OutcomesProps) {
  const t = useWords('figures')
  const shell = useWords('shell')
  const { total, lists, cameras } = account
  if (total.alerts === 0 && total.walks === 0) {
    return (
      <Empty title={t('none.title')}>
        <p>{t('none.text')}</p>
      </Empty>
    )
  }
  return (
    <>
      <dl class="fate-totals">
        {FATES.map((fate) => (
          <div key={fate} class="card">
            <dt>
              <span class="swatch" data-fate={fate} aria-hidden="true" /> {shell(`fate.${fate}`)}
            </dt>
            <dd class="number">{amount(total[fate])}</dd>
          </div>
        ))}
        <div class="card">
          <dt>{t('walks')}</dt>
          <dd class="number">{amount(total.walks)}</dd>
        </div>
      </dl>
      <section class="card stack" aria-label={t('precision')}>
        <h2>{t('precision')}</h2>
        <div class="row">
          <Precision right={total.true} wrong={total.false} share={total.precision} />
        </div>
        <p class="small quiet">
          {t('precisionText', {
            open: total.unresolved + total.unjudged,
            worst: total.worstPrecision === null ? '–' : total.worstPrecision.toFixed(2),
          })}
        </p>
      </section>
      <Days account={account} />
      <section class="card stack">
        <h2>{t('byList')}</h2>
        <FigureTable
          caption={t('byList')}
          rows={lists.map(({ list, ...figures }) => ({ name: list, ...figures }))}
          first={t('list')}
        />
      </section>
      <section class="card stack">
        <h2>{t('byCamera')}</h2>
        <p class="small quiet">{t('byCameraText')}</p>
        <FigureTable
          caption={t('byCamera')}
          first={t('camera')}
          rows={cameras.map(({ agent, camera, ...figures }) => {
            const is = (one: Report) => one.agent === agent && one.camera === camera && !one.list
            const report = thresholds?.find(is)
            return {
              name: `${agent}/${camera}`,
              ...figures,
              weekly: weeklyOf(figures),
              budget: report?.budget.budget,
            }
          })}
        />
      </section>
    </>
  )
}

/** Wrong alerts a week of watching, with a 95 % interval; undefined while nobody watched or walked. */
function weeklyOf({
  falsePerThousand,
  walks,
  watchedMs,
}: Pick<Account['cameras'][number], 'falsePerThousand' | 'walks' | 'watchedMs'>) {
  if (falsePerThousand === null || watchedMs < 3_600_000) return undefined
  const weeks = watchedMs / WEEK_MS
  const of = (rate: number) => (rate * walks) / 1000 / weeks
  const { value, low, high } = falsePerThousand
  return { value: of(value), low: of(low), high: of(high), weeks }
}

type Row = Figures & {
  name: string
  weekly?: ReturnType<typeof weeklyOf>
  budget?: number | undefined
}

type FigureTableProps = { caption: string; first: string; rows: readonly Row[] }

export function FigureTable({ caption, first, rows }: FigureTableProps) {
  const t = useWords('figures')
  const shell = useWords('shell')
  const budgets = rows.some(({ budget, weekly }) => budget !== undefined || weekly !== undefined)
  return (
    <Scroll label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            <th scope="col">{t('alerts')}</th>
            {FATES.map((fate) => (
              <th key={fate} scope="col">
                {shell(`fate.${fate}`)}
              </th>
            ))}
            <th scope="col">{t('precision')}</th>
            {budgets && <th scope="col">{t('weekly')}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td>{amount(row.alerts)}</td>
              {FATES.map((fate) => (
                <td key={fate}>{amount(row[fate])}</td>
              ))}
              <td>
                <Precision right={row.true} wrong={row.false} share={row.precision} />
              </td>
              {budgets && (
                <td>
                  <Weekly {...row} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function Weekly({ weekly, budget }: Pick<Row, 'weekly' | 'budget'>) {
  const t = useWords('figures')
  if (weekly === undefined) return <span class="quiet">{t('notWatched')}</span>
  const { value, low, high } = weekly
  const words = { value: amount(value), low: amount(low), high: amount(high) }
  const over = budget !== undefined && low > budget
  const under = budget !== undefined && high <= budget
  return (
    <span class="weekly-rate">
      {t('weeklyOf', words)}
      {budget !== undefined && (
        <span class="row">
          <span class="small quiet">{t('budgetOf', { budget: amount(budget) })}</span>
          <Tag tone={over ? 'danger' : under ? 'good' : 'plain'}>
            {t(over ? 'over' : under ? 'within' : 'undecided')}
          </Tag>
        </span>
      )}
    </span>
  )
}

function Days({ account }: { account: Account }) {
  const t = useWords('figures')
  const format = new Intl.DateTimeFormat(locale.value, {
    ...{ weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' },
  })
  const short = new Intl.DateTimeFormat(locale.value, {
    ...{ day: 'numeric', month: 'short', timeZone: 'UTC' },
  })
  const bars = account.days.map((day) => {
    const at = Date.parse(day.day)
    return { from: at, to: at + 1, counts: day }
  })
  return (
    <section class="card stack" aria-label={t('byDay')}>
      <h2>{t('byDay')}</h2>
      <StackedBars
        bars={bars}
        label={t('byDay')}
        name={({ from }) => format.format(from)}
        tick={({ from }) => short.format(from)}
      />
      <details>
        <summary>{t('asTable')}</summary>
        <DayTable days={account.days} />
      </details>
    </section>
  )
}

/** The same in numbers. */
export function DayTable({ days }: Pick<Account, 'days'>) {
  const t = useWords('figures')
  const shell = useWords('shell')
  return (
    <Scroll label={t('byDay')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('day')}</th>
            <th scope="col">{t('walks')}</th>
            <th scope="col">{t('alerts')}</th>
            {FATES.map((fate) => (
              <th key={fate} scope="col">
                {shell(`fate.${fate}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <tr key={day.day}>
              <th scope="row">{day.day}</th>
              <td>{amount(day.walks)}</td>
              <td>{amount(day.alerts)}</td>
              {FATES.map((fate) => (
                <td key={fate}>{amount(day[fate])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
