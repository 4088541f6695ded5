import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type Item, loadCard } from '../../alerts/queue.ts'
import { Button } from '../../parts/Button.tsx'
import { useWords } from '../../words.ts'
import { Actions } from './Actions.tsx'
import { Facts } from './Facts.tsx'
import { Pictures } from './Pictures.tsx'
import { marked, unmarkAll } from './rows.ts'
import { ScoreBar } from './ScoreBar.tsx'
import { Standing } from './Standing.tsx'
import { Story } from './Story.tsx'

/** Behind the cursor when it has stood still so long, milliseconds: who runs through asks for nothing. */
const STILL_MS = 120

type DetailProps = { item: Item; zoomed: boolean; onZoom: (zoomed: boolean) => void }

/** All that is known of one alert, and what can be done about it. */
export function Detail({ item, zoomed, onZoom }: DetailProps) {
  const t = useWords('alerts')
  const { id, name, either, listName, priority, persons } = item
  const still = useSignal('')
  useEffect(() => {
    const timer = setTimeout(() => {
      still.value = id
      if (!persons) void loadCard(id).catch(() => {})
    }, STILL_MS)
    return () => clearTimeout(timer)
  }, [id, persons === undefined])
  return (
    <article class="alert-card" data-state={item.state} aria-label={t('card')}>
      <header>
        <div>
          <h2>{name ?? (either ? t('either', { names: either.join(' / ') }) : t('unnamed'))}</h2>
          <p class="quiet small">
            {listName ?? item.list} · {t('priority', { priority })}
          </p>
        </div>
        <Standing item={item} />
      </header>
      <Actions about={[item]} />
      <Pictures item={item} zoomed={zoomed} onZoom={onZoom} />
      <ScoreBar alert={item} />
      <Facts item={item} />
      {still.value === id && <Story key={id} item={item} />}
    </article>
  )
}

/** Several that are decided together. */
export function Several({ about }: { about: Item[] }) {
  const t = useWords('alerts')
  return (
    <article class="alert-card" aria-label={t('card')}>
      <header>
        <h2>{t('several', { count: marked.value.size })}</h2>
        <Button kind="quiet" onClick={unmarkAll}>
          {t('unmark')} <kbd>Esc</kbd>
        </Button>
      </header>
      <Actions about={about} />
      <ul class="burst">
        {about.map((item) => (
          <li key={item.id}>
            <Pictures item={item} zoomed={false} onZoom={() => {}} />
            <span>{item.name ?? t('unnamed')}</span>
            <span class="quiet small">
              {item.agent}/{item.camera}
            </span>
          </li>
        ))}
      </ul>
    </article>
  )
}
