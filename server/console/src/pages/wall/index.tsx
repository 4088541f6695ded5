import './wall.css'
import { useSignal } from '@preact/signals'
import type { BoardAlert } from '@vedette/server/desk/answered/queue'
import { useEffect } from 'preact/hooks'
import { Banner } from '../../banner.tsx'
import { urlOf } from '../../desk.ts'
import { Problem } from '../../parts/Problem.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { link, on, onResumed } from '../../stream.ts'
import { localTime, relative, utcTime } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'

/** As many as can be read from across a room. */
const MOST = 12
/** Changes of a moment are asked about together, milliseconds. */
const TOGETHER_MS = 80
const CLOCK_MS = 1000

/** What waits, for everybody in the room: nothing to press, and no name that must not be here. */
export default function Wall() {
  const t = useWords('wall')
  const { data, problem, reload } = useDesk<BoardAlert[]>('/alerts/board')
  const now = useSignal(Date.now())
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        void reload()
      }, TOGETHER_MS)
    }
    const ends = [on('alert', soon), on('board', soon), onResumed(soon)]
    const clock = setInterval(() => {
      now.value = Date.now()
    }, CLOCK_MS)
    return () => {
      clearTimeout(timer)
      clearInterval(clock)
      for (const end of ends) end()
    }
  }, [reload])
  const all = data ?? []
  const rest = all.length - MOST
  const open = all.filter(({ state }) => state === 'open' || state === 'awaiting').length
  return (
    <div class="wall" data-link={link.value.state}>
      <Banner />
      <header>
        <h1>{open > 0 ? t('waiting', { count: open }) : t('empty')}</h1>
        <p class="number">
          {localTime(now.value, now.value)}{' '}
          <span class="quiet">{utcTime(now.value, now.value)}</span>
        </p>
      </header>
      <Problem problem={problem} />
      <main aria-label={t('list')}>
        <ol aria-live="polite">
          {all.slice(0, MOST).map((alert) => (
            <BoardRow key={alert.id} alert={alert} now={now.value} />
          ))}
        </ol>
        {rest > 0 && <p class="rest">{t('more', { count: rest })}</p>}
      </main>
    </div>
  )
}

function BoardRow({ alert, now }: { alert: BoardAlert; now: number }) {
  const t = useWords('wall')
  const { id, name, listName, colour, priority, agent, camera, capturedAt, state } = alert
  const { acknowledgedBy: by, parkedUntil, certainty, late, escalations, picture } = alert
  const waits = state === 'open' || state === 'awaiting'
  const until = localTime(parkedUntil ?? 0, now).slice(0, -3)
  return (
    <li data-waiting={waits}>
      <span class="bar" style={{ background: colour ?? 'transparent' }} />
      {picture ? (
        <img src={urlOf(`/alerts/${id}/chip`)} alt={t('seen')} />
      ) : (
        <span class="nobody" />
      )}
      <span class="who">
        <strong>{name ?? t('none')}</strong>
        <span>
          {listName ?? alert.list} · {t('priority', { priority })}
        </span>
      </span>
      <span class="where">
        <strong>
          {agent}/{camera}
        </strong>
        <span class="number">
          {localTime(capturedAt, now)} · {relative(capturedAt, now)}
        </span>
      </span>
      <span class="tags">
        <Tag tone={waits ? 'danger' : 'good'}>{t(`state.${state}`, { by, until })}</Tag>
        {late && <Tag tone="warn">{t('late')}</Tag>}
        <Tag>{t(certainty)}</Tag>
        {escalations > 0 && waits && <Tag tone="danger">{t('escalated')}</Tag>}
      </span>
    </li>
  )
}
