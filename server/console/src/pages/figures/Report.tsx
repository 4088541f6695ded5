import type { Account } from '@vedette/server/report/account'
import { useRef } from 'preact/hooks'
import { amount } from '../../amount.ts'
import { Button } from '../../parts/Button.tsx'
import { Precision } from '../../plots/Interval.tsx'
import { Legend } from '../../plots/StackedBars.tsx'
import { save } from '../../save.ts'
import { utcTime } from '../../time.tsx'
import { language, locale, useWords } from '../../words.ts'
import { DayPlot } from './DayPlot.tsx'
import { DayTable, FigureTable } from './Outcomes.tsx'
import { pageOf } from './page.ts'

/** What was done in the period and what came of it, for the public and for the judge: it names nobody. */
export function Report({ account }: { account: Account }) {
  const t = useWords('figures')
  const page = useRef<HTMLElement>(null)
  const { from, to, madeAt, by, timeZone, total, lists, cameras } = account
  const date = new Intl.DateTimeFormat(locale.value, {
    ...{ dateStyle: 'long', timeStyle: 'short', timeZone },
  })
  const name = `vedette-report-${new Date(from).toISOString().slice(0, 10)}`
  return (
    <>
      <div class="row unprinted">
        <Button kind="primary" onClick={() => window.print()}>
          {t('report.print')}
        </Button>
        <Button
          onClick={() => {
            const html = page.current?.innerHTML ?? ''
            const whole = pageOf(t('report.title'), html, language.value)
            save(`${name}.html`, new Blob([whole], { type: 'text/html' }))
          }}
        >
          {t('report.save')}
        </Button>
        <Button
          onClick={() => {
            const json = JSON.stringify(account, undefined, 2)
            save(`${name}.json`, new Blob([json], { type: 'application/json' }))
          }}
        >
          {t('report.data')}
        </Button>
      </div>
      <article ref={page} class="card stack account-report">
        <h2>{t('report.title')}</h2>
        <p>
          {t('report.period', { from: date.format(from), to: date.format(to), zone: timeZone })}
          <br />
          {t('report.made', { at: `${date.format(madeAt)} (${utcTime(madeAt)})`, by })}
        </p>
        <h3>{t('report.used')}</h3>
        <p>
          {t('report.usedText', {
            cameras: cameras.length,
            walks: amount(total.walks),
            searches: amount(total.searches),
            hours: amount(total.watchedMs / 3_600_000),
          })}
        </p>
        <h3>{t('report.came')}</h3>
        <p>
          {t('report.cameText', {
            ...{ alerts: total.alerts, right: total.true, wrong: total.false },
            ...{ unresolved: total.unresolved, unjudged: total.unjudged },
            ...{ withdrawn: total.withdrawn, late: total.late, found: total.retrospective },
          })}
        </p>
        <p>
          {t('report.sure')}{' '}
          <Precision right={total.true} wrong={total.false} share={total.precision} />
        </p>
        {total.falsePerThousand && (
          <p>
            {t('report.wrong', {
              value: amount(total.falsePerThousand.value),
              low: amount(total.falsePerThousand.low),
              high: amount(total.falsePerThousand.high),
            })}
          </p>
        )}
        <h3>{t('byDay')}</h3>
        <Legend />
        <DayPlot days={account.days} label={t('byDay')} />
        <DayTable days={account.days} />
        <h3>{t('byList')}</h3>
        <FigureTable
          caption={t('byList')}
          first={t('list')}
          rows={lists.map(({ list, now, fewest, most, ...figures }) => {
            const size =
              fewest === null || fewest === most
                ? t('report.size', { count: most ?? now })
                : t('report.sizes', { fewest, most })
            return { name: `${list} (${size})`, ...figures }
          })}
        />
        <h3>{t('byCamera')}</h3>
        <FigureTable
          caption={t('byCamera')}
          first={t('camera')}
          rows={cameras.map(({ agent, camera, ...rest }) => ({
            name: `${agent}/${camera}`,
            ...rest,
          }))}
        />
        <h3>{t('report.how')}</h3>
        <p>{t('report.howText')}</p>
      </article>
    </>
  )
}
