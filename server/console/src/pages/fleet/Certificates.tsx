import type { CertsStatus } from '@vedette/server/authority/status'
import { Tag, type Tone } from '../../parts/Tag.tsx'
import { relative, Time } from '../../time.tsx'
import { useWords } from '../../words.ts'

const SOON = 0.6
const TONES: Record<string, Tone> = { good: 'good', late: 'warn' }

/** Who signs, how far a rotation is, and which certificates end next. */
export function Certificates({ certs }: { certs: CertsStatus }) {
  const t = useWords('fleet')
  const { authorities, lists, phase, certificates, red, readiness } = certs
  const next = certificates
    .filter(({ state, used }) => state !== 'revoked' && state !== 'retired' && used > SOON)
    .toSorted((p, q) => p.notAfter - q.notAfter)
  return (
    <section class="card stack" aria-label={t('certs.title')}>
      <div class="row spread">
        <h2>{t('certs.title')}</h2>
        <Tag tone={red.length > 0 ? 'danger' : 'good'}>
          {red.length > 0 ? t('certs.red', { count: red.length }) : t('certs.well')}
        </Tag>
      </div>
      {red.length > 0 && (
        <ul>
          {red.map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      )}
      <p>
        {t(`phase.${phase}`)}
        {phase !== 'steady' &&
          readiness &&
          readiness.waiting.length > 0 &&
          ` ${t('certs.notFollowed')}`}
      </p>
      <ul class="authorities" aria-label={t('certs.authorities')}>
        {authorities.map(({ id, kind, does, state, notAfter }) => (
          <li key={id} class="row">
            <strong>{t(`certs.${kind}`)}</strong> <code>{id}</code>
            <span>{t(`does.${does}`)}</span>
            <Tag tone={TONES[state] ?? 'danger'}>{t(`certs.${state}`)}</Tag>
            <span>
              {t('ends', { when: relative(notAfter) })}, <Time at={notAfter} utc={false} />
            </span>
          </li>
        ))}
      </ul>
      <p class="quiet small">
        {t('certs.lists', {
          count: lists.filter(({ state }) => state === 'good').length,
          all: lists.length,
        })}
      </p>
      <h3>{t('certs.next')}</h3>
      {next.length === 0 ? (
        <p class="quiet">{t('certs.noneSoon')}</p>
      ) : (
        <ul class="troubles">
          {next.map(({ serial, role, name, state, notAfter }) => (
            <li key={serial} class="row">
              <Tag tone={TONES[state] ?? 'danger'}>{t(`certs.${state}`)}</Tag> {role} {name},{' '}
              {t('ends', { when: relative(notAfter) })}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
