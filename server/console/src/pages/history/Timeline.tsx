import type { HistoryPage } from '@vedette/server/desk/answered/history'
import type { Period } from '../../parts/PeriodField.tsx'
import { Scroll } from '../../parts/Scroll.tsx'
import { edgesOf, grainOf } from '../../plots/edges.ts'
import { barsOf, FATES, sumOf } from '../../plots/fates.ts'
import { StackedBars } from '../../plots/StackedBars.tsx'
import { locale, useWords } from '../../words.ts'

type TimelineProps = {
  period: Period
  density: NonNullable<HistoryPage['density']>
  onChoose: (since: number, until: number) => void
}

/** How many alerts there were when; a stretch of it becomes the period. */
export function Timeline({ period, density, onChoose }: TimelineProps) {
  const t = useWords('history')
  const shell = useWords('shell')
  const { since, until } = period
  const grain = grainOf(since, until)
  const bars = barsOf(edgesOf(since, until), density.counts)
  const day = new Intl.DateTimeFormat(locale.value, {
    ...{ weekday: 'short', day: 'numeric', month: 'short' },
    ...(grain === 'week' && { year: 'numeric' }),
  })
  const hour = new Intl.DateTimeFormat(locale.value, {
    ...{ weekday: 'short', day: 'numeric', month: 'short' },
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  })
  const clock = new Intl.DateTimeFormat(locale.value, {
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  })
  const short = new Intl.DateTimeFormat(locale.value, { day: 'numeric', month: 'short' })
  const name = ({ from }: { from: number }) => {
    if (grain === 'hour') return hour.format(from)
    return grain === 'day' ? day.format(from) : t('weekOf', { day: day.format(from) })
  }
  return (
    <section class="card stack" aria-label={t('timeline')}>
      <StackedBars
        bars={bars}
        label={t('timeline')}
        name={name}
        tick={({ from }) => (grain === 'hour' ? clock : short).format(from)}
        onChoose={onChoose}
        hint={t('timelineHint')}
      />
      <details>
        <summary>{t('asTable')}</summary>
        <Scroll label={t('timeline')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t(`grain.${grain}`)}</th>
                <th scope="col">{t('tab.alerts')}</th>
                {FATES.map((fate) => (
                  <th key={fate} scope="col">
                    {shell(`fate.${fate}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {bars
                .filter(({ counts }) => sumOf(counts) > 0)
                .map((bar) => (
                  <tr key={bar.from}>
                    <th scope="row">{name(bar)}</th>
                    <td>{sumOf(bar.counts)}</td>
                    {FATES.map((fate) => (
                      <td key={fate}>{bar.counts[fate]}</td>
                    ))}
                  </tr>
                ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </section>
  )
}
