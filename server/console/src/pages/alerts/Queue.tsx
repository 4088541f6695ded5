import { useComputed, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { items, loadedAt } from '../../alerts/queue.ts'
import { Button } from '../../parts/Button.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { useWords } from '../../words.ts'
import { Row } from './Row.tsx'
import {
  filter,
  held,
  keepRows,
  markTo,
  NO_FILTER,
  pointed,
  ROW,
  seen,
  selected,
  showHeld,
  shown,
  toggleMark,
} from './rows.ts'
import { SoundButton } from './SoundButton.tsx'

/** Rows drawn above and below those that are seen. */
const AROUND = 5
/** Pictures are asked for when the list has stood still so long, milliseconds. */
const STILL_MS = 120

/** What waits; only the rows that are seen are drawn. */
export function Queue() {
  const t = useWords('alerts')
  const list = useRef<HTMLDivElement>(null)
  const top = useSignal(0)
  const height = useSignal(0)
  const still = useSignal(true)
  const range = useComputed(() => {
    const first = Math.floor(top.value / ROW)
    const last = Math.ceil((top.value + height.value) / ROW) - 1
    return { first, last: Math.max(first, Math.min(last, shown.value.length - 1)) }
  })

  useEffect(() => {
    const element = list.current
    if (!element) return
    const measure = new ResizeObserver(() => {
      height.value = element.clientHeight
    })
    measure.observe(element)
    let timer: ReturnType<typeof setTimeout>
    const stir = () => {
      still.value = false
      clearTimeout(timer)
      timer = setTimeout(() => {
        still.value = true
      }, STILL_MS)
    }
    const scrolled = () => {
      top.value = element.scrollTop
      stir()
    }
    element.addEventListener('scroll', scrolled, { passive: true })
    const ends = [
      range.subscribe((now) => {
        seen.value = now
      }),
      filter.subscribe((now) => {
        if (now !== NO_FILTER) stir()
      }),
      keepRows(element),
      selected.subscribe((id) => reveal(element, id)),
    ]
    return () => {
      measure.disconnect()
      clearTimeout(timer)
      element.removeEventListener('scroll', scrolled)
      for (const end of ends) end()
      pointed.value = undefined
    }
  }, [])

  const { first, last } = range.value
  const from = Math.max(0, first - AROUND)
  const rows = shown.value.slice(from, last + 1 + AROUND)
  const current = selected.value
  const active = current !== undefined && rows.includes(current) ? `row-${current}` : undefined
  return (
    <>
      <div class="bell">
        <News />
        <SoundButton />
      </div>
      <div
        ref={list}
        class="rows"
        role="listbox"
        tabIndex={0}
        aria-label={t('queue')}
        aria-multiselectable="true"
        aria-activedescendant={active}
        onClick={(event) => {
          const id = shown.peek()[placeOf(event)]
          if (id === undefined) return
          if (event.shiftKey) markTo(id)
          else if (event.ctrlKey || event.metaKey) toggleMark(id)
          selected.value = id
        }}
        onKeyDown={() => {
          // The page does what keys say, wherever the focus is.
        }}
        onPointerMove={(event) => {
          const index = placeOf(event)
          pointed.value = index < shown.peek().length ? index : undefined
        }}
        onPointerLeave={() => {
          pointed.value = undefined
        }}
      >
        <div class="all" style={{ height: `${shown.value.length * ROW}px` }} role="presentation">
          {rows.map((id, i) => {
            const item = items.value.get(id)
            if (!item) return null
            return (
              <Row key={id} item={item} index={from + i} count={shown.value.length} still={still} />
            )
          })}
        </div>
        {shown.value.length === 0 && loadedAt.value !== undefined && <Nothing />}
      </div>
    </>
  )
}

/** What has come and would move what is looked at. Always as high, so that it moves nothing itself. */
function News() {
  const t = useWords('alerts')
  const count = held.value.length
  const first = held.value[0]
  const item = first === undefined ? undefined : items.value.get(first)
  return (
    <div class="news" aria-live="assertive">
      {count === 0 && <p class="none quiet small">{t('noNews')}</p>}
      {count > 0 && (
        <Button kind="danger" onClick={showHeld}>
          {t('news', { count })}
          {item && <span class="who">{item.name ?? item.either?.join(' / ') ?? t('unnamed')}</span>}
          <kbd>N</kbd>
        </Button>
      )}
    </div>
  )
}

function Nothing() {
  const t = useWords('alerts')
  if (filter.value === NO_FILTER) {
    return (
      <Empty title={t('empty.title')}>
        <p>{t('empty.text')}</p>
        <a href="/start">{t('empty.start')}</a>
      </Empty>
    )
  }
  return (
    <Empty title={t('empty.filtered')}>
      <Button
        onClick={() => {
          filter.value = NO_FILTER
        }}
      >
        {t('filter.clear')}
      </Button>
    </Empty>
  )
}

function placeOf({ clientY, currentTarget }: { clientY: number; currentTarget: HTMLElement }) {
  const { top } = currentTarget.getBoundingClientRect()
  return Math.floor((clientY - top + currentTarget.scrollTop) / ROW)
}

/** Scrolls as little as shows the row. */
function reveal(element: HTMLElement, id: string | undefined): void {
  const index = id === undefined ? -1 : shown.peek().indexOf(id)
  if (index < 0) return
  const [top, bottom] = [index * ROW, (index + 1) * ROW]
  if (top < element.scrollTop) element.scrollTop = top
  else if (bottom > element.scrollTop + element.clientHeight) {
    element.scrollTop = bottom - element.clientHeight
  }
}
