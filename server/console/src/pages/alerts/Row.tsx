import type { ReadonlySignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { type Item, isWaiting } from '../../alerts/queue.ts'
import { urlOf } from '../../desk.ts'
import { localTime, relative } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { minute } from './minute.ts'
import { marked, ROW, selected } from './rows.ts'
import { Standing } from './Standing.tsx'

type RowProps = { item: Item; index: number; count: number; still: ReadonlySignal<boolean> }

/** An alert in the queue: who, where, when, and what is being done. */
export function Row({ item, index, count, still }: RowProps) {
  const t = useWords('alerts')
  const { id, agent, camera, capturedAt, priority, colour, name, either } = item
  const chosen = marked.value.size > 0 ? marked.value.has(id) : selected.value === id
  return (
    <div
      id={`row-${id}`}
      class="alert-row"
      role="option"
      aria-selected={chosen}
      aria-setsize={count}
      aria-posinset={index + 1}
      data-current={selected.value === id}
      data-waiting={isWaiting(item)}
      data-gone={item.goneAt !== undefined}
      style={{ transform: `translateY(${index * ROW}px)` }}
      tabIndex={-1}
    >
      <span class="bar" style={{ background: colour ?? 'transparent' }} />
      <span class="face" data-marked={marked.value.has(id)}>
        <Face id={id} still={still} />
      </span>
      <span class="what">
        <span class="name">
          <span class="priority" title={t('priority', { priority })}>
            {priority ?? '–'}
          </span>
          {name ?? (either ? either.join(' / ') : t('unnamed'))}
        </span>
        <span class="where">
          {agent}/{camera}
        </span>
        <span class="when small quiet">
          {localTime(capturedAt)} · {relative(capturedAt, minute.value)}
        </span>
      </span>
      <Standing item={item} />
    </div>
  )
}

/** A picture stays once it was asked for; a row that only flies past asks for none. */
function Face({ id, still }: { id: string; still: ReadonlySignal<boolean> }) {
  const asked = useRef(false)
  asked.current ||= still.value
  return asked.current ? <img src={urlOf(`/alerts/${id}/chip`)} alt="" loading="lazy" /> : null
}
