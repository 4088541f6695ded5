import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { urlOf } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { periodOf } from '../../parts/PeriodField.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { typed } from '../../period.ts'
import { stepOf } from '../../plots/edges.ts'
import { sumOf } from '../../plots/fates.ts'
import { may } from '../../session.ts'
import { useWords } from '../../words.ts'
import { Evidence } from './Evidence.tsx'
import { Filters } from './Filters.tsx'
import { addressOf, type Filter, filterOf, queryOf } from './filter.ts'
import { Grid } from './Grid.tsx'
import { Timeline } from './Timeline.tsx'
import { useHistory } from './use-history.ts'

/** Alerts along the time and as a grid, for as far back as they are kept. */
export function Past() {
  const t = useWords('history')
  const { query: address, route } = useLocation()
  const filter = filterOf(address)
  const chosen = useSignal<ReadonlySet<string>>(new Set())
  const exporting = useSignal(false)
  // "7d" is seven days back from when it was asked for, not from each time that this is drawn.
  const key = addressOf(filter)
  const period = useMemo(() => periodOf(filter), [key])
  const query = useMemo(() => period && queryOf(filter, period).toString(), [key, period])
  const step = period ? stepOf(period.since, period.until) : 3_600_000
  const found = useHistory(query, step)
  const change = (next: Filter) => {
    chosen.value = new Set()
    route(addressOf(next))
  }
  const total = found.density?.counts.reduce((sum, counts) => sum + sumOf(counts), 0) ?? 0
  const choose = (id: string, on: boolean) => {
    const next = new Set(chosen.peek())
    if (on) next.add(id)
    else next.delete(id)
    chosen.value = next
  }
  return (
    <>
      <Filters filter={filter} onChange={change} />
      {!period && <p role="alert">{t('noPeriod')}</p>}
      <Problem problem={found.problem} onRetry={found.again} />
      {period && found.density && total > 0 && (
        <Timeline
          period={period}
          density={found.density}
          onChoose={(since, until) => change({ ...filter, from: typed(since), to: typed(until) })}
        />
      )}
      {found.busy && found.alerts.length === 0 && <Progress label={t('loading')} />}
      {!found.busy && found.alerts.length === 0 && !found.problem && period && (
        <Empty title={t('empty.title')}>
          <p>{t('empty.text')}</p>
          {may('past.search') && <a href="/history/search">{t('empty.search')}</a>}
        </Empty>
      )}
      {found.alerts.length > 0 && (
        <>
          <div class="row spread">
            <span class="quiet" aria-live="polite">
              {t('shown', { count: total, shown: found.alerts.length })}
            </span>
            <span class="row">
              {may('evidence.export') && (
                <>
                  <Button
                    onClick={() => {
                      const all = found.alerts.map(({ id }) => id)
                      chosen.value = new Set(chosen.value.size < all.length ? all : [])
                    }}
                  >
                    {t(chosen.value.size < found.alerts.length ? 'chooseAll' : 'chooseNone')}
                  </Button>
                  <Button
                    disabled={chosen.value.size === 0}
                    onClick={() => {
                      exporting.value = true
                    }}
                  >
                    {t('export', { count: chosen.value.size })}
                  </Button>
                </>
              )}
              <a class="button" href={urlOf(`/history.csv?${query}`)} download>
                {t('table')}
              </a>
            </span>
          </div>
          <Grid alerts={found.alerts} chosen={chosen.value} onChoose={choose} />
          <Earlier more={found.next !== null} busy={found.busy} onMore={found.earlier} />
        </>
      )}
      {exporting.value && (
        <Evidence
          ids={[...chosen.value]}
          onClose={() => {
            exporting.value = false
          }}
        />
      )}
    </>
  )
}

type EarlierProps = { more: boolean; busy: boolean; onMore: () => void }

/** By keyboard a button; whoever scrolls there has pressed it. */
function Earlier({ more, busy, onMore }: EarlierProps) {
  const t = useWords('history')
  if (!more) return <p class="quiet">{t('noMore')}</p>
  const watch = (place: HTMLDivElement | null) => {
    if (!place) return
    const watcher = new IntersectionObserver(([seen]) => {
      if (!seen?.isIntersecting) return
      watcher.disconnect()
      onMore()
    })
    watcher.observe(place)
  }
  return (
    <div ref={watch} class="row" key={String(busy)}>
      <Button busy={busy} onClick={onMore}>
        {t(busy ? 'loading' : 'earlier')}
      </Button>
    </div>
  )
}
