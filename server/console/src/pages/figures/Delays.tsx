import type { Observed } from '@vedette/server/desk/answered/figures'
import { amount, span } from '../../amount.ts'
import { Scroll } from '../../parts/Scroll.tsx'
import { useWords } from '../../words.ts'

const ROWS = ['alert', 'arrival', 'judging', 'acknowledged', 'resolved'] as const

/** How long it took from a face to an alert, and from an alert to somebody. */
export function Delays({ observed: { delays } }: { observed: Observed }) {
  const t = useWords('figures')
  return (
    <section class="card stack">
      <h2>{t('delay.title')}</h2>
      <Scroll label={t('delay.title')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('delay.what')}</th>
              <th scope="col">{t('delay.count')}</th>
              <th scope="col">{t('delay.p50')}</th>
              <th scope="col">{t('delay.p90')}</th>
              <th scope="col">{t('delay.p99')}</th>
              <th scope="col">{t('delay.longest')}</th>
            </tr>
          </thead>
          <tbody>
            {ROWS.map((row) => {
              const delay = delays[row]
              return (
                <tr key={row}>
                  <th scope="row">{t(`delay.row.${row}`)}</th>
                  {delay === null ? (
                    <td colSpan={5} class="quiet">
                      {t('delay.never')}
                    </td>
                  ) : (
                    <>
                      <td>{amount(delay.count)}</td>
                      <td>{span(delay.p50)}</td>
                      <td>{span(delay.p90)}</td>
                      <td>{delay.count < 100 ? t('delay.few') : span(delay.p99)}</td>
                      <td>{span(delay.longest)}</td>
                    </>
                  )}
                </tr>
              )
            })}
          </tbody>
        </table>
      </Scroll>
      <p class="small quiet">
        {t('delay.text', {
          past: delays.past,
          unacknowledged: delays.unacknowledged,
          unresolved: delays.unresolved,
        })}
      </p>
    </section>
  )
}
