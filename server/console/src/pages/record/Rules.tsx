import type { RecordRules } from '@vedette/server/desk/answered/audit'
import type { List } from '@vedette/server/lists/list'
import { Problem } from '../../parts/Problem.tsx'
import { Scroll } from '../../parts/Scroll.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'

const DAY_MS = 86_400_000
const PERIODS = ['audit', 'views', 'alerts', 'nearMisses', 'joinAttempts', 'troubles'] as const
/** What the law asks for, and which acts answer it; see server/RECORD.md. */
const LAWS = {
  'AI Act 12(1)': 'server',
  'AI Act 12(2)(a)': 'configuration,threshold,model,list,reference',
  'AI Act 12(2)(b), (c)': 'alert',
  'AI Act 12(3)(a)': 'agent,server',
  'AI Act 12(3)(b)': 'reference,entry',
  'AI Act 12(3)(c)': 'alert.raised',
  'AI Act 12(3)(d)': 'alert.acknowledged,alert.resolved,alert.reopened,request.approved',
  'AI Act 19(1), 26(6)': 'audit.retained',
  'LED 25(1)': 'entry,evidence,past,audit.exported',
  'LED 25(2)': 'audit',
} as const

/** How long what is kept is kept, and where what the law asks for is found. */
export function Rules() {
  const t = useWords('record')
  const rules = useDesk<RecordRules>('/audit/rules')
  const lists = useDesk<List[]>('/lists').data ?? []
  return (
    <>
      <Problem problem={rules.problem} onRetry={rules.reload} />
      {rules.data && (
        <section class="card stack">
          <h2>{t('rules.title')}</h2>
          <p class="quiet">{t('rules.text')}</p>
          <Scroll label={t('rules.title')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('rules.what')}</th>
                  <th scope="col">{t('rules.long')}</th>
                </tr>
              </thead>
              <tbody>
                {PERIODS.map((name) => (
                  <tr key={name}>
                    <th scope="row">{t(`rules.of.${name}`)}</th>
                    <td>
                      {t('days', { count: Math.round((rules.data?.periods[name] ?? 0) / DAY_MS) })}
                    </td>
                  </tr>
                ))}
                {lists.map(({ id, name, keepFor, keepPictures }) => (
                  <tr key={id}>
                    <th scope="row">{t('rules.strangers', { list: name })}</th>
                    <td>
                      {keepFor === 0
                        ? t('rules.nothing')
                        : t(keepPictures ? 'rules.withPictures' : 'rules.hours', {
                            count: keepFor,
                          })}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </section>
      )}
      <section class="card stack">
        <h2>{t('law.title')}</h2>
        <Scroll label={t('law.title')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('law.article')}</th>
                <th scope="col">{t('law.asks')}</th>
                <th scope="col">{t('law.where')}</th>
              </tr>
            </thead>
            <tbody>
              {(Object.keys(LAWS) as (keyof typeof LAWS)[]).map((article, i) => (
                <tr key={article}>
                  <th scope="row">{article}</th>
                  <td>{t(`law.of.${i}` as 'law.of.0')}</td>
                  <td>
                    <a href={`/record?from=30d&kind=${LAWS[article]}`}>{LAWS[article]}</a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </section>
    </>
  )
}
