import type { LookAlike } from '@vedette/server/gallery/look-alikes'
import type { ComponentChildren } from 'preact'
import { Tag } from '../../parts/Tag.tsx'
import { useWords } from '../../words.ts'
import { figure } from './format.ts'
import { Photo } from './Photo.tsx'

type LookAlikesProps = {
  lookalikes: readonly LookAlike[]
  /** The photograph in question, beside which each of them is shown. */
  mine: ComponentChildren
  /** What can be done about one. */
  actions: (one: LookAlike) => ComponentChildren
}

/** Who looks like it, side by side. */
export function LookAlikes({ lookalikes, mine, actions }: LookAlikesProps) {
  const t = useWords('wanted')
  return (
    <ul class="wanted-alikes">
      {lookalikes.map((one) => {
        const { entry, name, list, score, threshold, same } = one
        return (
          <li key={entry} class="card" data-same={same}>
            <div class="pair">
              {mine}
              <Photo entry={entry} alt={name} size={112} />
            </div>
            <div class="stack">
              <div class="row spread">
                <strong>{name}</strong>
                <Tag tone={same ? 'danger' : 'plain'}>{t(same ? 'alike.same' : 'alike.like')}</Tag>
              </div>
              <Score score={score} threshold={threshold} />
              <p class="small quiet">{t('alike.list', { list })}</p>
              <div class="row">{actions(one)}</div>
            </div>
          </li>
        )
      })}
    </ul>
  )
}

/** Below this nobody is alike at all: the bar begins here. */
const BAR_FROM = 0.8

/** How alike, on a bar with a mark from where it is taken for one person. */
export function Score({ score, threshold }: { score: number; threshold: number }) {
  const t = useWords('wanted')
  const from = Math.min(BAR_FROM, threshold - 0.05)
  const place = (value: number) => `${100 * Math.max(0, Math.min(1, (value - from) / (1 - from)))}%`
  const said = t('alike.score', { score: figure(score), threshold: figure(threshold) })
  return (
    <div class="wanted-score">
      <div class="bar" aria-hidden="true" data-over={score >= threshold}>
        <span class="value" style={{ width: place(score) }} />
        <span class="mark" style={{ left: place(threshold) }} />
      </div>
      <span class="small number">{said}</span>
    </div>
  )
}
