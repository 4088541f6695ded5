import type { Finding } from '@vedette/server/audit/findings'
import type { HeadLine } from '@vedette/server/audit/head'
import type { Verdict } from '@vedette/server/audit/verify'
import { localTime, Time, utcTime } from '../../time.tsx'
import { useWords } from '../../words.ts'

/** What a verification came to, plainly: whole, or what is wrong where and what to do. */
export function Judged({ verdict, head }: { verdict: Verdict; head: HeadLine | null }) {
  const t = useWords('record')
  const { good, acts, first, last, heads, signed, unsigned, retained, prefix, findings } = verdict
  return (
    <div class="judged" data-good={good} role="status">
      <h2>
        {good ? t('judged.good', { count: acts }) : t('judged.bad', { count: findings.length })}
      </h2>
      <p>
        {t('judged.looked', { first, last, heads })}{' '}
        {signed && (
          <>
            {t('judged.signed', { seq: signed.seq })} <Time at={signed.at} />.{' '}
          </>
        )}
        {unsigned > 0 && t('judged.unsigned', { count: unsigned })}
      </p>
      {good && head && (
        <p class="small">
          {t('judged.head')} <code class="hash">{head.hash}</code>
        </p>
      )}
      {!good && (
        <>
          <ul>
            {findings.slice(0, MOST).map((finding) => (
              <li key={JSON.stringify(finding)}>
                <Found finding={finding} />
              </li>
            ))}
          </ul>
          {findings.length > MOST && <p>{t('judged.more', { count: findings.length - MOST })}</p>}
          <p>{t('judged.whatToDo')}</p>
        </>
      )}
      {prefix > 0 && <p class="small quiet">{t('judged.prefix', { prefix })}</p>}
      {retained.map(({ kind, bodies, through, at }) => (
        <p key={kind} class="small quiet">
          {t('judged.retained', { kind, count: bodies, through })} <Time at={at} />
        </p>
      ))}
    </div>
  )
}

/** Of a record in ruins nobody reads more. */
const MOST = 50

function Found({ finding }: { finding: Finding }) {
  const t = useWords('record')
  const words: Record<string, unknown> = { ...finding }
  if ('at' in finding) words.at = `${localTime(finding.at)} (${utcTime(finding.at)})`
  if (finding.what === 'edited') words.part = t(`part.${finding.part}`)
  if (finding.what === 'head-removed') words.place = t(`place.${finding.place}`)
  return <>{String(t(`finding.${finding.what}`, words))}</>
}
