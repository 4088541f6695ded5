import { useSignal } from '@preact/signals'
import type { CountedList } from '@vedette/server/desk/answered/lists'
import { useMemo, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { Button } from '../../parts/Button.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { may } from '../../session.ts'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { Bulk } from './bulk.tsx'
import { chosen, countsOf, SORTS, type Sort, useEntries } from './entries.ts'
import { STATES } from './format.ts'
import { NewsChip } from './NewsChip.tsx'
import { Cards, Table } from './people-views.tsx'
import { useHeld, useLooking } from './use-held.ts'
import { useNews } from './use-news.ts'

/** Drawn at first, and with each press for more. */
const SHOWN = 120
const VIEWS = ['grid', 'table'] as const
const KEPT_AS = 'vedette.wanted.view'

/** Everybody on the lists: found, sorted, and changed many at a time. */
export function People() {
  const t = useWords('wanted')
  const { query, route } = useLocation()
  const loaded = useEntries()
  const lists = useDesk<CountedList[]>('/lists')
  useNews(['lists'], lists.reload)
  const shown = useSignal(SHOWN)
  const marked = useSignal<ReadonlySet<string>>(new Set())
  const view = useSignal(localStorage.getItem(KEPT_AS) === 'table' ? 'table' : 'grid')
  const [text, list, state] = [query.q ?? '', query.list ?? '', query.state ?? '']
  const sort: Sort = SORTS.find((one) => one === query.sort) ?? 'newest'
  const all = loaded.entries.value
  const found = useMemo(
    () => chosen(all, { text, list, state, sort }),
    [all, text, list, state, sort],
  )
  const counts = useMemo(() => countsOf(all, list), [all, list])
  const looking = useLooking()
  const shownAnew = useSignal(0)
  const everDone = useRef(false)
  everDone.current ||= loaded.done.value
  const asked = JSON.stringify([text, list, state, sort, shownAnew.value, everDone.current])
  const held = useHeld(found, looking.looked, asked)

  const isWorthIt = (one: string) => one === '' || one === state || (counts[one] ?? 0) > 0
  const go = (change: Record<string, string>) => {
    const next = { q: text, list, state, sort: sort === 'newest' ? '' : sort, ...change }
    const said = Object.entries(next).filter(([, value]) => value !== '')
    const search = new URLSearchParams(said).toString()
    shown.value = SHOWN
    route(`/wanted${search ? `?${search}` : ''}`, true)
  }
  const look = (next: string) => {
    view.value = next
    localStorage.setItem(KEPT_AS, next)
  }
  const mark = (id: string, on: boolean) => {
    const next = new Set(marked.value)
    if (on) next.add(id)
    else next.delete(id)
    marked.value = next
  }
  const known = new Map(lists.data?.map((one) => [one.id, one]))
  const byId = useMemo(() => new Map(all.map((entry) => [entry.id, entry])), [all])
  // Who is none of those any more that were asked for stands there as they are now.
  const kept = held.shown.map(({ row, gone }) => {
    const now = gone ? byId.get(row.id) : row
    return { entry: now ?? row, gone: now === undefined }
  })
  const drawn = kept.slice(0, shown.value)
  const picked = found.filter(({ id }) => marked.value.has(id))
  const drawing = { rows: drawn, lists: known, marked: marked.value, mark }

  return (
    <>
      <search class="wanted-bar">
        <input
          type="search"
          aria-label={t('people.search')}
          placeholder={t('people.search')}
          value={text}
          onInput={(event) => go({ q: event.currentTarget.value })}
        />
        <select
          aria-label={t('people.list')}
          value={list}
          onChange={(event) => go({ list: event.currentTarget.value })}
        >
          <option value="">{t('people.everyList')}</option>
          {lists.data?.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <select
          aria-label={t('people.sort')}
          value={sort}
          onChange={(event) => go({ sort: event.currentTarget.value })}
        >
          {SORTS.map((one) => (
            <option key={one} value={one}>
              {t(`people.sorts.${one}`)}
            </option>
          ))}
        </select>
        <fieldset class="wanted-switch">
          <legend class="unseen">{t('people.view')}</legend>
          {VIEWS.map((one) => (
            <Button key={one} aria-pressed={view.value === one} onClick={() => look(one)}>
              {t(`people.views.${one}`)}
            </Button>
          ))}
        </fieldset>
      </search>
      <fieldset class="wanted-states">
        <legend class="unseen">{t('people.state')}</legend>
        {['', ...STATES, 'soon'].filter(isWorthIt).map((one) => (
          <Button
            key={one}
            kind="quiet"
            aria-pressed={state === one}
            onClick={() => go({ state: one })}
          >
            {t(`states.${one === '' ? 'all' : (one as 'live')}`)}
            <span class="number quiet">{counts[one] ?? 0}</span>
          </Button>
        ))}
      </fieldset>
      <Problem problem={loaded.problem.value ?? lists.problem} onRetry={loaded.reload} />
      {may('entries.change') && picked.length > 0 && (
        <Bulk
          entries={picked}
          lists={lists.data ?? []}
          onDone={(done) => {
            marked.value = new Set([...marked.value].filter((id) => !done.includes(id)))
            shownAnew.value++
            loaded.reload()
          }}
          onNone={() => {
            marked.value = new Set()
          }}
        />
      )}
      <div class="wanted-found small quiet">
        <p aria-live="polite">{found.length > 0 && t('people.found', { count: found.length })}</p>
        {may('entries.change') && found.length > picked.length && (
          <Button
            kind="quiet"
            onClick={() => {
              marked.value = new Set(found.map(({ id }) => id))
            }}
          >
            {t('people.markAll')}
          </Button>
        )}
        <NewsChip
          words={held.waiting > 0 && t('people.news', { count: held.waiting })}
          onShow={() => {
            shownAnew.value++
          }}
        />
      </div>
      <div {...looking.watch}>
        {view.value === 'grid' ? <Cards {...drawing} /> : <Table {...drawing} />}
      </div>
      {kept.length > drawn.length && (
        <Button
          onClick={() => {
            shown.value += SHOWN
          }}
        >
          {t('people.more', { count: kept.length - drawn.length })}
        </Button>
      )}
      {loaded.done.value && kept.length === 0 && <Nobody any={all.length > 0} />}
    </>
  )
}

function Nobody({ any }: { any: boolean }) {
  const t = useWords('wanted')
  if (any) {
    return (
      <Empty title={t('people.none')}>
        <p>{t('people.noneHint')}</p>
        <a href="/wanted">{t('people.everybody')}</a>
      </Empty>
    )
  }
  return (
    <Empty title={t('people.empty')}>
      <p>{t('people.emptyHint')}</p>
      {may('entries.enrol') ? (
        <a class="button" data-kind="primary" href="/wanted/add">
          {t('people.add')}
        </a>
      ) : (
        <p>{t('people.ask')}</p>
      )}
    </Empty>
  )
}
