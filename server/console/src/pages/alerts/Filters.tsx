import { useComputed } from '@preact/signals'
import type { RefObject } from 'preact'
import { items, lists } from '../../alerts/queue.ts'
import { useWords } from '../../words.ts'
import { type Filter, filter, STATES } from './rows.ts'

/** What the queue is narrowed to. */
export function Filters({ search }: { search: RefObject<HTMLInputElement | null> }) {
  const t = useWords('alerts')
  const cameras = useComputed(() =>
    [...new Set([...items.value.values()].map(({ agent, camera }) => `${agent}/${camera}`))].sort(),
  )
  const set = (change: Partial<Filter>) => {
    filter.value = { ...filter.peek(), ...change }
  }
  const { text, list, camera, state } = filter.value
  return (
    <search class="filters">
      <input
        ref={search}
        type="search"
        value={text}
        placeholder={t('filter.text')}
        aria-label={t('filter.text')}
        aria-keyshortcuts="/"
        onInput={(event) => set({ text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          set({ text: '' })
          event.currentTarget.blur()
        }}
      />
      <select
        aria-label={t('filter.list')}
        value={list}
        onChange={(event) => set({ list: event.currentTarget.value })}
      >
        <option value="">{t('filter.everyList')}</option>
        {[...lists.value.values()].map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={t('filter.camera')}
        value={camera}
        onChange={(event) => set({ camera: event.currentTarget.value })}
      >
        <option value="">{t('filter.everyCamera')}</option>
        {cameras.value.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={t('filter.state')}
        value={state}
        onChange={(event) => set({ state: event.currentTarget.value as Filter['state'] })}
      >
        {STATES.map((one) => (
          <option key={one} value={one}>
            {t(`filter.${one}`)}
          </option>
        ))}
      </select>
    </search>
  )
}
