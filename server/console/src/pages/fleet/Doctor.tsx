import type { Doctored } from '@vedette/server/desk/answered/doctor'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Tag, type Tone } from '../../parts/Tag.tsx'
import { said } from '../../problem-words.ts'
import { Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'

type Finding = Doctored['findings'][number]

const TONES: Record<Finding['state'], Tone> = { ok: 'good', warn: 'warn', fail: 'danger' }
const RANK: Record<Finding['state'], number> = { fail: 0, warn: 1, ok: 2 }
/** What the desk looks at, by the names that `vedette doctor` gives it. */
const CHECKS = {
  configuration: 'configuration',
  clock: 'clock',
  memory: 'memory',
  service: 'service',
  disk: 'disk',
  certificate: 'certificate',
  'key of the certificate': 'certificateKey',
  'vault key': 'vaultKey',
  'mode of the vault key': 'vaultKeyMode',
  list: 'list',
  'certificate of the console': 'shown',
} as const

/** What is wrong with the server's own machine and files, the worst first, and what to do about each. */
export function Doctor() {
  const t = useWords('fleet')
  const { data, problem, busy, reload } = useDesk<Doctored>('/doctor')
  const findings = data?.findings.toSorted((p, q) => RANK[p.state] - RANK[q.state]) ?? []
  const wrong = findings.filter(({ state }) => state !== 'ok')
  const worst = findings[0]?.state ?? 'ok'
  return (
    <section class="card stack doctor" aria-label={t('doctor.title')}>
      <div class="row spread">
        <h2>{t('doctor.title')}</h2>
        {data && (
          <Tag tone={TONES[worst]}>
            {wrong.length > 0 ? t('doctor.wrong', { count: wrong.length }) : t('doctor.well')}
          </Tag>
        )}
      </div>
      <Problem problem={data ? undefined : problem} onRetry={() => void reload()} />
      {data && (
        <>
          <ul>
            {wrong.map((finding) => (
              <Row key={finding.check} finding={finding} />
            ))}
          </ul>
          <details open={wrong.length === 0}>
            <summary>{t('doctor.rest', { count: findings.length - wrong.length })}</summary>
            <ul>
              {findings.slice(wrong.length).map((finding) => (
                <Row key={finding.check} finding={finding} />
              ))}
            </ul>
          </details>
          <div class="row">
            <Button busy={busy} onClick={() => void reload()}>
              {t('doctor.again')}
            </Button>
            <span class="small quiet">
              {t('doctor.at')} <Time at={data.at} utc={false} />
            </span>
          </div>
        </>
      )}
      <p class="small quiet">{t('doctor.elsewhere')}</p>
    </section>
  )
}

function Row({ finding }: { finding: Finding }) {
  const t = useWords('fleet')
  const { check, state, found, todo, code = '', params } = finding
  const words = said({ code, ...(params && { params }) })
  const remedy = words ? words.hint : todo
  return (
    <li>
      <span class="row">
        <Tag tone={TONES[state]}>{t(`doctor.${state}`)}</Tag>
        <strong>
          {check in CHECKS ? t(`doctor.check.${CHECKS[check as keyof typeof CHECKS]}`) : check}
        </strong>
      </span>
      <span>{words?.detail ?? found}</span>
      {words?.own && (
        <q class="small quiet" lang="en">
          {found}
        </q>
      )}
      {state !== 'ok' && remedy && <span class="remedy">{remedy}</span>}
    </li>
  )
}
