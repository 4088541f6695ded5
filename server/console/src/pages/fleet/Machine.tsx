import type { CertificateStatus } from '@vedette/server/authority/status'
import type { FleetCourse } from '@vedette/server/desk/answered/fleet'
import { Mark } from '../../cameras/Mark.tsx'
import { reasonOf, TONES, useCameraWords } from '../../cameras/words.ts'
import { Button } from '../../parts/Button.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { may } from '../../session.ts'
import { relative, Time } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { seriesOf } from './course.ts'
import { hours } from './duration.ts'
import { blindOf, type Eye, type Machine } from './machines.ts'
import { Sparkline } from './Sparkline.tsx'

type MachineCardProps = {
  machine: Machine
  course: FleetCourse | undefined
  onOpen: (eye: Eye) => void
  onRevoke: () => void
  onRetire: () => void
}

/** One camera machine: whether it is here, and how each of its cameras does. */
export function MachineCard({ machine, course, onOpen, onRevoke, onRetire }: MachineCardProps) {
  const t = useWords('fleet')
  const c = useCameraWords()
  const { name, agent, eyes, certificate, state } = machine
  const old = agent && course && agent.software !== course.software
  return (
    <section class="card stack machine" id={`agent-${name}`} aria-label={t('machine', { name })}>
      <div class="row spread">
        <h2 class="row">
          <Mark state={state} /> {name}
          <Tag tone={agent?.connected ? 'good' : 'warn'}>
            {t(agent?.connected ? 'here' : 'away')}
          </Tag>
        </h2>
        <div class="row">
          {may('certificates.manage') && certificate && isValid(certificate) && (
            <Button onClick={onRevoke}>{t('revoke.do')}</Button>
          )}
          {may('agents.manage') && agent && <Button onClick={onRetire}>{t('retire.do')}</Button>}
        </div>
      </div>
      <dl class="machine-facts">
        <div>
          <dt>{t('software')}</dt>
          <dd>
            {agent?.software ?? '–'} {old && <Tag tone="warn">{t('otherVersion')}</Tag>}
          </dd>
        </div>
        <div>
          <dt>{t('model')}</dt>
          <dd>{agent?.space ?? t('unknownAway')}</dd>
        </div>
        <div>
          <dt>{t('lastSeen')}</dt>
          <dd>{agent ? agent.connected ? t('now') : <Time at={agent.lastSeen} /> : t('never')}</dd>
        </div>
        <div>
          <dt>{t('certificate')}</dt>
          <dd>{certificate ? <Certificate {...certificate} /> : t('none')}</dd>
        </div>
        <div>
          <dt>{t('waiting')}</dt>
          <dd class="number">{agent?.fares ? agent.fares.waiting : '–'}</dd>
        </div>
        <div>
          <dt>{t('lost')}</dt>
          <dd class="number">
            {agent?.lost ?? 0}
            {agent?.fares &&
              agent.fares.dropped > 0 &&
              ` (${t('droppedThere', { count: agent.fares.dropped })})`}
          </dd>
        </div>
      </dl>
      {eyes.length === 0 ? (
        <p class="quiet">{t('noCameras')}</p>
      ) : (
        <div class="scroll-x">
          <table class="eyes">
            <caption class="unseen">{t('camerasOf', { name })}</caption>
            <thead>
              <tr>
                <th scope="col">{t('camera')}</th>
                <th scope="col">{t('state')}</th>
                <th scope="col">{t('testFace')}</th>
                <th scope="col">{t('given')}</th>
                <th scope="col">{t('skipped')}</th>
                <th scope="col">{t('blindDay')}</th>
                <th scope="col">{t('blindWeek')}</th>
              </tr>
            </thead>
            <tbody>
              {eyes.map((eye) => (
                <tr key={eye.name}>
                  <th scope="row">
                    <button type="button" class="camera-link" onClick={() => onOpen(eye)}>
                      {eye.status.camera}
                    </button>
                  </th>
                  <td>
                    <span class="row state">
                      <Mark state={eye.status.state} />
                      <Tag tone={TONES[eye.status.state]}>{c(`short.${eye.status.state}`)}</Tag>
                    </span>
                    <span class="small">
                      {reasonOf(c, eye.status)}{' '}
                      <span class="quiet">({relative(eye.status.stateSince)})</span>
                    </span>
                  </td>
                  <Figures eye={eye} course={course} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function Figures({ eye: { course: its }, course }: { eye: Eye; course: FleetCourse | undefined }) {
  const t = useWords('fleet')
  if (!its || !course) return <td colSpan={5} />
  const seconds = seriesOf(its, 'latencyMs', course).map((ms) => (ms === null ? null : ms / 1000))
  return (
    <>
      <td>
        <Sparkline values={seconds} label={t('testFace')} digits={1} unit="s" />
      </td>
      <td>
        <Sparkline
          values={seriesOf(its, 'given', course)}
          label={t('given')}
          digits={1}
          unit="/s"
        />
      </td>
      <td>
        <Sparkline
          values={seriesOf(its, 'skipped', course)}
          label={t('skipped')}
          digits={1}
          unit="/s"
        />
      </td>
      <Blind day={its.day} />
      <Blind day={its.week} />
    </>
  )
}

function Blind({ day }: { day: NonNullable<Eye['course']>['day'] }) {
  const t = useWords('fleet')
  const blind = blindOf(day)
  return (
    <td class="number">
      {day.known === 0 ? (
        <span class="quiet small">{t('unknown')}</span>
      ) : (
        <>
          <strong data-tone={blind > 0 ? 'warn' : undefined}>{hours(blind)}</strong>{' '}
          <span class="quiet small">{t('of', { known: hours(day.known) })}</span>
        </>
      )}
    </td>
  )
}

function Certificate({ state, notAfter }: CertificateStatus) {
  const t = useWords('fleet')
  const tone = state === 'good' ? 'good' : state === 'late' ? 'warn' : 'danger'
  return (
    <>
      <Tag tone={tone}>{t(`certs.${state}`)}</Tag>{' '}
      <span class="quiet small">{t('ends', { when: relative(notAfter) })}</span>
    </>
  )
}

function isValid({ state }: CertificateStatus): boolean {
  return state === 'good' || state === 'late'
}
