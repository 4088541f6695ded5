import type { Trail } from '@vedette/server/desk/answered/trail'
import { useId } from 'preact/hooks'
import { nameOf } from '../../cameras/words.ts'
import { Button } from '../../parts/Button.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { localTime, Time } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { latestIndex, type Stop } from './trail.ts'

type TrailPanelProps = {
  trail: Trail
  stops: readonly Stop[]
  until: number
  onScrub: (until: number) => void
  onClose: () => void
}

/** Where a person was seen, and when: a way through time that can be walked. */
export function TrailPanel({ trail, stops, until, onScrub, onClose }: TrailPanelProps) {
  const t = useWords('map')
  const id = useId()
  const [first, last] = [stops[0], stops.at(-1)]
  const now = latestIndex(stops, until)
  const here = stops[now]
  const step = (by: number) => {
    const next = stops[Math.min(stops.length - 1, Math.max(0, now + by))]
    if (next) onScrub(next.time)
  }
  return (
    <section class="card stack trail-panel" aria-labelledby={`${id}-title`}>
      <div class="row spread">
        <h2 id={`${id}-title`}>{t('trail.title', { name: trail.name })}</h2>
        <div class="row">
          <a class="button" href={`/wanted/${trail.entry}`}>
            {t('trail.entry')}
          </a>
          <a class="button" href={`/history?entry=${trail.entry}`}>
            {t('trail.history')}
          </a>
          <Button onClick={onClose}>{t('trail.close')}</Button>
        </div>
      </div>
      {!first || !last ? (
        <p class="quiet">{t('trail.none')}</p>
      ) : (
        <>
          {trail.more && <p class="quiet">{t('trail.more', { count: stops.length })}</p>}
          <div class="row scrubber">
            <Button aria-label={t('trail.before')} disabled={now <= 0} onClick={() => step(-1)}>
              ‹
            </Button>
            <input
              type="range"
              aria-label={t('trail.scrub')}
              aria-valuetext={localTime(until)}
              min={first.time}
              max={last.time}
              step={1000}
              value={until}
              disabled={first.time === last.time}
              onInput={(event) => onScrub(Number(event.currentTarget.value))}
            />
            <Button
              aria-label={t('trail.after')}
              disabled={now >= stops.length - 1}
              onClick={() => step(1)}
            >
              ›
            </Button>
          </div>
          <p aria-live="polite">
            <Time at={until} /> {here && t('trail.at', { camera: nameOf(here) })}
          </p>
          <ol class="trail-list">
            {stops.map((stop, i) => (
              <li key={stop.alert} aria-current={i === now ? 'step' : undefined}>
                <button type="button" class="trail-stop" onClick={() => onScrub(stop.time)}>
                  <span class="step" data-now={i === now ? '' : undefined}>
                    {i + 1}
                  </span>
                  <span>
                    <strong>{nameOf(stop)}</strong>
                    <br />
                    <Time at={stop.time} />
                  </span>
                </button>
                <span class="row small">
                  <Tag tone={stop.certainty === 'confirmed' ? 'good' : 'plain'}>
                    {t(`certainty.${stop.certainty === 'confirmed' ? 'confirmed' : 'provisional'}`)}
                  </Tag>
                  {stop.undecided && <Tag tone="warn">{t('trail.undecided')}</Tag>}
                  {stop.late && <Tag>{t('trail.late')}</Tag>}
                  {stop.retrospective && <Tag>{t('trail.retrospective')}</Tag>}
                  <a href={`/alerts?id=${stop.alert}`}>{t('trail.alert')}</a>
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  )
}
