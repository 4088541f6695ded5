import './alerts.css'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import {
  type Item,
  itemOf,
  items,
  load,
  loadCard,
  more,
  problem,
  waiting,
} from '../../alerts/queue.ts'
import { called, textOf } from '../../alerts/voice.ts'
import { Button } from '../../parts/Button.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useWords } from '../../words.ts'
import { Decide } from './Decide.tsx'
import { Detail, Several } from './Detail.tsx'
import { Filters } from './Filters.tsx'
import { Help } from './Help.tsx'
import { pressed } from './keys.ts'
import { Overdue } from './Overdue.tsx'
import { Queue } from './Queue.tsx'
import { chosen, marked, selected, shown } from './rows.ts'

/** Controls in which keys are written, or mean what they always mean. */
const TYPED = 'input, select, textarea, button, a, summary, [contenteditable]'

/** What waits, and all about one of it: the page that is open all night. */
export default function Alerts() {
  const t = useWords('alerts')
  const { query, route } = useLocation()
  const search = useRef<HTMLInputElement>(null)
  const helping = useSignal(false)
  const zoomed = useSignal(false)
  const other = useSignal<Item | undefined>(undefined)
  const missing = useSignal<DeskProblem | undefined>(undefined)
  const asked = query.id

  useEffect(() => {
    if (asked === undefined) return
    selected.value = asked
    if (items.peek().has(asked)) return
    loadCard(asked)
      .then((card) => {
        other.value = itemOf(card, 0)
      })
      .catch((error: unknown) => {
        missing.value = asProblem(error)
      })
  }, [asked])

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target, key, ctrlKey, altKey, metaKey } = event
      if (ctrlKey || altKey || metaKey || document.querySelector('dialog[open]')) return
      const control = target instanceof Element && target.closest(TYPED) !== null
      // A button keeps what presses it; what no control means is the page's.
      const own =
        control && (target.matches('input, select, textarea') || key === 'Enter' || key === ' ')
      if (own) return
      const use = {
        search: () => search.current?.focus(),
        help: () => {
          helping.value = true
        },
        zoom: () => {
          zoomed.value = selected.peek() !== undefined
        },
        go: route,
      }
      if (pressed(event, use)) event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [route])

  const id = selected.value
  const current =
    id === undefined
      ? undefined
      : (items.value.get(id) ?? (other.value?.id === id ? other.value : undefined))
  const close = () => {
    selected.value = undefined
    if (asked !== undefined) route('/alerts', true)
  }
  return (
    <div class="alerts" data-open={current !== undefined || marked.value.size > 0}>
      <section class="queue" aria-label={t('queue')}>
        <header>
          <h1>
            {t('title')} <Count />
          </h1>
          <span class="row">
            <Button
              kind="quiet"
              aria-label={t('help.title')}
              onClick={() => {
                helping.value = true
              }}
            >
              <kbd>?</kbd>
            </Button>
          </span>
        </header>
        <Overdue />
        <Filters search={search} />
        <Problem problem={problem.value} onRetry={() => void load()} />
        {more.value && <p class="problem">{t('more')}</p>}
        <Queue />
      </section>
      <section class="detail" aria-label={t('card')}>
        <span class="back">
          <Button onClick={close}>{t('back')}</Button>
        </span>
        <Problem problem={missing.value} />
        {marked.value.size > 0 ? (
          <Several about={chosen()} />
        ) : current ? (
          <Detail
            item={current}
            zoomed={zoomed.value}
            onZoom={(open) => {
              zoomed.value = open
            }}
          />
        ) : (
          !missing.value && (
            <Empty title={t('none.title')}>
              <p>{t('none.text')}</p>
            </Empty>
          )
        )}
      </section>
      <Called />
      <Decide />
      {helping.value && (
        <Help
          onClose={() => {
            helping.value = false
          }}
        />
      )}
    </div>
  )
}

/** By itself: what is typed into the filter draws nothing of the page but this and the rows. */
function Count() {
  const t = useWords('alerts')
  return (
    <span class="quiet number">
      {t('count', { waiting: waiting.value.length, shown: shown.value.length })}
    </span>
  )
}

/** Read aloud by screen readers: the most urgent at once, the others when it is their turn. */
function Called() {
  const item = called.value
  const urgent = item?.priority === 1
  return (
    <>
      <p class="unseen" aria-live="assertive">
        {urgent && textOf([item], true)}
      </p>
      <p class="unseen" aria-live="polite">
        {item && !urgent && textOf([item], true)}
      </p>
    </>
  )
}
