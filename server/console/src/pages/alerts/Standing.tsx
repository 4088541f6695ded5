import type { Item } from '../../alerts/queue.ts'
import { Tag, type Tone } from '../../parts/Tag.tsx'
import { localTime } from '../../time.tsx'
import { useWords } from '../../words.ts'

/** How it stands, in words; the colour only helps. */
export function Standing({ item }: { item: Item }) {
  const t = useWords('alerts')
  const { certainty, late, retrospective, escalations, state } = item
  return (
    <span class="standing">
      <State item={item} />
      {certainty === 'withdrawn' && <Tag>{t('certainty.withdrawn')}</Tag>}
      {certainty === 'provisional' && <Tag>{t('certainty.provisional')}</Tag>}
      {certainty === 'confirmed' && <Tag tone="accent">{t('certainty.confirmed')}</Tag>}
      {retrospective ? (
        <Tag tone="warn">{t('retrospective')}</Tag>
      ) : (
        late && <Tag tone="warn">{t('late')}</Tag>
      )}
      {escalations > 0 && state !== 'resolved' && <Tag tone="danger">{t('escalated')}</Tag>}
    </span>
  )
}

const TONES: Record<Item['state'], Tone> = {
  open: 'danger',
  awaiting: 'danger',
  acknowledged: 'good',
  parked: 'plain',
  resolved: 'plain',
}

function State({ item }: { item: Item }) {
  const t = useWords('alerts')
  const { state, acknowledgedBy: by, parkedUntil, outcome, affirmedBy } = item
  const words = () => {
    switch (state) {
      case 'open':
        return t('state.open')
      case 'awaiting':
        return t('state.awaiting', { by: affirmedBy })
      case 'acknowledged':
        return t('state.acknowledged', { by })
      case 'parked':
        return t('state.parked', { until: localTime(parkedUntil ?? 0).slice(0, -3) })
      case 'resolved':
        return t(`outcome.${outcome ?? 'unresolved'}`)
      default:
        return state satisfies never
    }
  }
  return <Tag tone={TONES[state]}>{words()}</Tag>
}
