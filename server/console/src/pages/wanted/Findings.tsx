import type { Findings as Found } from '@vedette/server/gallery/enrolment-answer'
import type { ComponentChildren } from 'preact'
import type { DeskProblem } from '../../problem.ts'
import { useWords } from '../../words.ts'
import { Behaviour, Forecast } from './Forecast.tsx'
import { LookAlikes } from './LookAlikes.tsx'

type FindingsProps = {
  findings: Found
  /** Why it would be refused. */
  objection: DeskProblem | undefined
  mine: ComponentChildren
  into: string | undefined
}

/** What is to be expected of somebody who is enrolled with these photographs. */
export function Findings({ findings, objection, mine, into }: FindingsProps) {
  const t = useWords('wanted')
  const { lookalikes, behaviour, forecast } = findings
  const others = lookalikes.filter(({ entry }) => entry !== into)
  const odd = objection?.code === 'photo.other-person' ? objection.message : undefined
  return (
    <section class="stack" aria-live="polite">
      {odd && (
        <div class="problem" role="alert">
          <p>{odd}</p>
          <p class="hint">{t('found.otherPerson')}</p>
        </div>
      )}
      <h3>{t('found.alike')}</h3>
      {others.length === 0 ? (
        <p class="quiet">{t('found.nobody')}</p>
      ) : (
        <LookAlikes
          lookalikes={others}
          mine={mine}
          actions={({ entry }) => (
            <>
              <a class="button" href={`/wanted/${entry}`}>
                {t('found.open')}
              </a>
              {into === undefined ? (
                <a class="button" href={`/wanted/add?to=${entry}`}>
                  {t('found.addTo')}
                </a>
              ) : (
                <a class="button" href={`/wanted/${into}?merge=${entry}`}>
                  {t('found.merge')}
                </a>
              )}
            </>
          )}
        />
      )}
      <h3>{t('found.behaviour')}</h3>
      <Behaviour behaviour={behaviour} />
      <h3>{t('found.forecast')}</h3>
      <Forecast forecast={forecast} />
    </section>
  )
}
