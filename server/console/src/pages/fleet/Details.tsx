import { useSignal } from '@preact/signals'
import type { CameraCourse, FleetCourse } from '@vedette/server/desk/answered/fleet'
import type { TroubleRecord } from '@vedette/server/store/troubles'
import { Mark } from '../../cameras/Mark.tsx'
import { reasonOf, TONES, useCameraWords } from '../../cameras/words.ts'
import { desk, urlOf } from '../../desk.ts'
import { confirm } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { may } from '../../session.ts'
import { Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { seriesOf } from './course.ts'
import { hours } from './duration.ts'
import type { Eye } from './machines.ts'
import { Sparkline } from './Sparkline.tsx'

type DetailsProps = {
  eye: Eye
  course: FleetCourse | undefined
  onClose: () => void
  onForgotten: () => void
}

const FIGURES = ['given', 'looked', 'skipped', 'questions', 'missed'] as const

/** All there is to know of one camera, and what to do about it. */
export function Details({ eye, course, onClose, onForgotten }: DetailsProps) {
  const t = useWords('fleet')
  const c = useCameraWords()
  const { status, course: its } = eye
  const { agent, camera, state } = status
  const here = new URLSearchParams({ agent, camera, limit: '20' })
  const troubles = useDesk<TroubleRecord[]>(`/cameras/troubles?${here}`)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const forget = async () => {
    const title = t('forget.title', { name: eye.name })
    if (!(await confirm(title, { text: t('forget.text'), yes: t('forget.do') }))) return
    try {
      await desk.delete(`/cameras/${encodeURIComponent(agent)}/${encodeURIComponent(camera)}`)
      toast(t('forget.done', { name: eye.name }))
      onForgotten()
    } catch (error) {
      problem.value = asProblem(error)
    }
  }
  return (
    <Dialog
      wide
      title={eye.name}
      onClose={onClose}
      footer={
        <>
          {may('cameras.manage') && !status.connected && (
            <Button onClick={() => void forget()}>{t('forget.do')}</Button>
          )}
          <a class="button" href={`/map?camera=${encodeURIComponent(eye.name)}`}>
            {t('toMap')}
          </a>
          {may('cameras.watch') && (
            <a class="button" href={`/live?cameras=${encodeURIComponent(eye.name)}`}>
              {t('toLive')}
            </a>
          )}
          <Button kind="primary" onClick={onClose}>
            {t('close')}
          </Button>
        </>
      }
    >
      <Problem problem={problem.value ?? troubles.problem} />
      <div>
        <p class="row">
          <Mark state={state} />
          <Tag tone={TONES[state]}>{c(`state.${state}`)}</Tag>
          <span>
            {t('since')} <Time at={status.stateSince} />
          </span>
        </p>
        <p>
          <strong>{reasonOf(c, status)}</strong>
          {status.why !== 'well' && <> — {c(`todo.${status.why}`)}</>}
        </p>
      </div>
      <dl class="machine-facts">
        <div>
          <dt>{t('lastFace')}</dt>
          <dd>{status.passedAt ? <Time at={status.passedAt} /> : t('never')}</dd>
        </div>
        <div>
          <dt>{t('took')}</dt>
          <dd class="number">{status.latencyMs === null ? '–' : `${status.latencyMs} ms`}</dd>
        </div>
        <div>
          <dt>{t('missedRow')}</dt>
          <dd class="number">{status.missed}</dd>
        </div>
        <div>
          <dt>{t('known')}</dt>
          <dd>
            <Time at={status.firstSeen} utc={false} />
          </dd>
        </div>
      </dl>
      {its && course && (
        <>
          <h3>{t('lately')}</h3>
          <dl class="machine-facts">
            {FIGURES.map((figure) => (
              <div key={figure}>
                <dt>{t(`figure.${figure}`)}</dt>
                <dd>
                  <Sparkline
                    values={seriesOf(its, figure, course)}
                    label={t(`figure.${figure}`)}
                    digits={figure === 'questions' || figure === 'missed' ? 0 : 1}
                  />
                </dd>
              </div>
            ))}
          </dl>
          <h3>{t('watched')}</h3>
          {its.week.known === 0 ? <p class="quiet">{t('unknown')}</p> : <Relied course={its} />}
        </>
      )}
      <h3>{t('troubles')}</h3>
      {troubles.data?.length === 0 && <p class="quiet">{t('noTroubles')}</p>}
      <ul class="troubles">
        {troubles.data?.map((trouble) => (
          <Trouble key={trouble.id} {...trouble} />
        ))}
      </ul>
    </Dialog>
  )
}

/** For how long it was seen to work, and for how long not, by why. */
function Relied({ course: { day, week } }: { course: CameraCourse }) {
  const t = useWords('fleet')
  const c = useCameraWords()
  return (
    <table>
      <caption class="unseen">{t('watched')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('because')}</th>
          <th scope="col">{t('day')}</th>
          <th scope="col">{t('week')}</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">{t('well')}</th>
          <td class="number">{hours(day.well)}</td>
          <td class="number">{hours(week.well)}</td>
        </tr>
        {(Object.keys(week.blind) as (keyof typeof week.blind)[]).map((why) => (
          <tr key={why}>
            <th scope="row">{c(`why.${why}`)}</th>
            <td class="number">{hours(day.blind[why] ?? 0)}</td>
            <td class="number">{hours(week.blind[why] ?? 0)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Each look at a picture is recorded, so it is asked for. */
function Trouble({ id, agent, camera, kind, since, endedAt, pictures }: TroubleRecord) {
  const t = useWords('fleet')
  const c = useCameraWords()
  const open = useSignal(false)
  const moments = (['begin', 'end'] as const).filter((moment) => pictures[moment])
  return (
    <li>
      <span class="row">
        <Tag tone={endedAt === null ? 'danger' : 'plain'}>{c(`trouble.${kind}`)}</Tag>
        <Time at={since} utc={false} /> –{' '}
        {endedAt === null ? t('still') : <Time at={endedAt} utc={false} />}
        {moments.length > 0 && !open.value && (
          <Button
            onClick={() => {
              open.value = true
            }}
          >
            {t('showPictures')}
          </Button>
        )}
      </span>
      {open.value && (
        <span class="row">
          {moments.map((moment) => (
            <img
              key={moment}
              src={urlOf(`/cameras/troubles/${id}/${moment}`)}
              alt={t(`picture.${moment}`, { name: `${agent}/${camera}` })}
            />
          ))}
        </span>
      )}
    </li>
  )
}
