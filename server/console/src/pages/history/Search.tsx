import { useSignal } from '@preact/signals'
import type { Watch } from '@vedette/server/desk/answered/cameras'
import type { PastStatus } from '@vedette/server/desk/answered/past'
import type { Answer } from '@vedette/server/past/answer'
import { useLocation } from 'preact-iso'
import { desk, urlOf } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Check } from '../../parts/Field.tsx'
import { PeriodField, periodOf, type Typed } from '../../parts/PeriodField.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { ReasonField } from '../../parts/ReasonField.tsx'
import { SelectField } from '../../parts/SelectField.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { may } from '../../session.ts'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { Found } from './Found.tsx'
import { Picked } from './Picked.tsx'

/** Who on a photograph was seen where and when, while a list had kept those who matched nobody. */
export function Search() {
  const t = useWords('history')
  const { query, route } = useLocation()
  const { alert } = query
  const kept = useDesk<PastStatus>(may('past.search') ? '/past' : undefined)
  const cameras = useDesk<Watch>('/cameras').data?.cameras ?? []
  const photo = useSignal<File | undefined>(undefined)
  const when = useSignal<Typed>({ from: '24h', to: '' })
  const camera = useSignal('')
  const near = useSignal(false)
  const reason = useSignal('')
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const answer = useSignal<Answer | undefined>(undefined)
  if (!may('past.search')) {
    return (
      <Empty title={t('search.notYours')}>
        <a href="/history">{t('tab.alerts')}</a>
      </Empty>
    )
  }
  const period = periodOf(when.value)
  const ready = (alert !== undefined || photo.value !== undefined) && reason.value.trim() !== ''
  const search = async () => {
    if (!ready || !period || busy.peek()) return
    busy.value = true
    problem.value = undefined
    const form = new FormData()
    form.append('since', String(Math.round(period.since)))
    if (when.peek().to !== '') form.append('until', String(Math.round(period.until)))
    if (camera.peek() !== '') form.append('cameras', camera.peek())
    if (near.peek()) form.append('near', '1')
    if (alert !== undefined) form.append('alert', alert)
    else if (photo.value) form.append('photo', photo.value, photo.value.name)
    try {
      answer.value = await desk.post<Answer>('/past/search', form, { reason: reason.peek() })
    } catch (error) {
      problem.value = asProblem(error)
    }
    busy.value = false
  }
  const keeps = kept.data?.lists.some(({ keepFor }) => keepFor > 0)
  return (
    <>
      {kept.data && (
        <p class="quiet">
          {keeps ? t('search.kept', { count: kept.data.walks }) : t('search.keepsNothing')}
        </p>
      )}
      <form
        class="card stack search"
        onSubmit={(event) => {
          event.preventDefault()
          void search()
        }}
      >
        <Picked
          photo={photo.value}
          alert={alert}
          onPick={(file) => {
            photo.value = file
            answer.value = undefined
            if (alert !== undefined) route('/history/search', true)
          }}
        />
        <PeriodField
          value={when.value}
          onChange={(typed) => {
            when.value = typed
          }}
        />
        <SelectField
          label={t('filter.camera')}
          field={camera}
          options={[
            ['', t('any')],
            ...cameras.map(
              ({ agent, camera }) => [`${agent}/${camera}`, `${agent}/${camera}`] as const,
            ),
          ]}
        />
        <Check label={t('search.near')} field={near} />
        <ReasonField reason={reason} hint={t('search.reason')} />
        <div class="row">
          <Button type="submit" kind="primary" busy={busy.value} disabled={!ready || !period}>
            {t('search.do')}
          </Button>
          {alert !== undefined && (
            <a
              class="button"
              href={urlOf(`/alerts/${alert}/chip`)}
              target="_blank"
              rel="noreferrer"
            >
              {t('search.picture')}
            </a>
          )}
        </div>
      </form>
      <Problem problem={problem.value ?? kept.problem} />
      {busy.value && <Progress label={t('search.busy')} />}
      {answer.value && !busy.value && <Found answer={answer.value} />}
    </>
  )
}
