import type { NamedAlert } from '@vedette/server/desk/named'
import { urlOf } from '../../desk.ts'
import { Check } from '../../parts/Field.tsx'
import { Tag, type Tone } from '../../parts/Tag.tsx'
import { type Fate, fateOf } from '../../plots/fates.ts'
import { may } from '../../session.ts'
import { Time } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { Score } from './Score.tsx'

const TONES: Record<Fate, Tone> = {
  ...{ true: 'good', false: 'danger', unresolved: 'warn' },
  ...{ unjudged: 'accent', withdrawn: 'plain' },
}

type GridProps = {
  alerts: readonly NamedAlert[]
  chosen: ReadonlySet<string>
  onChoose: (id: string, on: boolean) => void
}

/** Alerts by their faces. */
export function Grid({ alerts, chosen, onChoose }: GridProps) {
  const t = useWords('history')
  return (
    <ul class="sightings" aria-label={t('tab.alerts')}>
      {alerts.map((alert) => (
        <li key={alert.id} class="card" data-chosen={chosen.has(alert.id)}>
          <Card alert={alert} chosen={chosen.has(alert.id)} onChoose={onChoose} />
        </li>
      ))}
    </ul>
  )
}

type CardProps = { alert: NamedAlert; chosen: boolean; onChoose: GridProps['onChoose'] }

function Card({ alert, chosen, onChoose }: CardProps) {
  const t = useWords('history')
  const shell = useWords('shell')
  const { id, entryId, agent, camera, list, listName, colour, certainty } = alert
  const name = alert.name ?? alert.either?.join(' / ') ?? t('gone')
  const fate = fateOf(alert)
  return (
    <>
      <a class="chip" href={`/alerts?id=${id}`} aria-label={t('open', { name })}>
        <img
          class="face"
          src={urlOf(`/alerts/${id}/chip`)}
          alt=""
          loading="lazy"
          width="96"
          height="96"
          onError={(event) => event.currentTarget.setAttribute('data-gone', '')}
        />
      </a>
      <div class="about">
        <strong>{name}</strong>
        <span class="small row list">
          <span class="swatch" style={{ background: colour ?? 'transparent' }} aria-hidden="true" />
          {listName ?? list} · {agent}/{camera}
        </span>
        <Time at={alert.capturedAt} />
        <Score score={alert.score} needed={alert.threshold} />
        <span class="row marks">
          <Tag tone={TONES[fate]}>{shell(`fate.${fate}`)}</Tag>
          {fate !== 'withdrawn' && certainty !== 'confirmed' && (
            <Tag>{t(`certainty.${certainty}`)}</Tag>
          )}
          {alert.late && <Tag tone="warn">{t('mark.late')}</Tag>}
          {alert.retrospective && <Tag tone="warn">{t('mark.retrospective')}</Tag>}
        </span>
        <span class="row small">
          {may('past.search') && <a href={`/history/search?alert=${id}`}>{t('searchFace')}</a>}
          <a href={`/history?entry=${entryId}`}>{t('ofPerson')}</a>
        </span>
        {may('evidence.export') && (
          <Check
            label={<span class="small">{t('choose')}</span>}
            checked={chosen}
            onChange={(on) => onChoose(id, on)}
          />
        )}
      </div>
    </>
  )
}
