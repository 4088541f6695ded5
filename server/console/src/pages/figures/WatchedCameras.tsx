import type { Observed } from '@vedette/server/desk/answered/figures'
import type { Watched } from '@vedette/server/report/watched'
import { span } from '../../amount.ts'
import { Scroll } from '../../parts/Scroll.tsx'
import { percent } from '../../plots/Interval.tsx'
import { relative } from '../../time.tsx'
import { useWords } from '../../words.ts'

/** For how long each camera was seen to work, and why not for the rest. */
export function WatchedCameras({ observed: { cameras } }: { observed: Observed }) {
  const t = useWords('figures')
  return (
    <section class="card stack">
      <h2>{t('blind.title')}</h2>
      <p class="small quiet">{t('blind.text')}</p>
      {cameras.length === 0 ? (
        <p>{t('blind.none')}</p>
      ) : (
        <Scroll label={t('blind.title')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('camera')}</th>
                <th scope="col">{t('blind.watched')}</th>
                <th scope="col">{t('blind.hours')}</th>
                <th scope="col">{t('blind.canary')}</th>
              </tr>
            </thead>
            <tbody>
              {cameras.map((camera) => (
                <Camera key={`${camera.agent}/${camera.camera}`} {...camera} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  )
}

function Camera({ agent, camera, known, well, blind, canary }: Watched) {
  const t = useWords('figures')
  const whys = Object.entries(blind) as [keyof Watched['blind'], number][]
  return (
    <tr>
      <th scope="row">
        {agent}/{camera}
      </th>
      <td>
        {known === 0 ? (
          <span class="quiet">{t('blind.unknown')}</span>
        ) : (
          <>
            {t('blind.of', { share: percent(well / known), known: span(known) })}
            <meter
              class="watched"
              min={0}
              max={1}
              value={well / known}
              aria-label={t('blind.watched')}
            />
          </>
        )}
      </td>
      <td>
        {whys.length === 0
          ? t(known === 0 ? 'blind.unknown' : 'blind.never')
          : whys
              .sort(([, p], [, q]) => q - p)
              .map(([why, ms]) => `${t(`why.${why}` as 'why.away')} ${span(ms)}`)
              .join('; ')}
      </td>
      <td>
        {canary === null
          ? t('blind.gone')
          : canary.passedAt === null
            ? t('blind.notYet')
            : t('blind.passed', {
                when: relative(canary.passedAt),
                latency: span(canary.latencyMs ?? 0),
                missed: canary.missed,
              })}
      </td>
    </tr>
  )
}
