import type { RecordRules } from '@vedette/server/desk/answered/audit'
import { useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { Button } from '../../parts/Button.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Check, Field } from '../../parts/Field.tsx'
import { PeriodField, periodOf } from '../../parts/PeriodField.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { ActTable } from './ActTable.tsx'
import { useKindWords } from './kinds.ts'
import { useActs } from './use-acts.ts'

/** What an act can be asked for by, besides kind, time and words. */
const SUBJECTS = ['entry', 'alert', 'camera', 'list', 'operator', 'agent'] as const
const ABOUT = ['by', ...SUBJECTS] as const

type Asked = { from: string; to: string; kind: string; text: string } & Record<
  (typeof ABOUT)[number],
  string
>

/** The record, searched and followed. */
export function Acts() {
  const t = useWords('record')
  const { query, route } = useLocation()
  const rules = useDesk<RecordRules>('/audit/rules').data
  const words = useKindWords(rules?.kinds)
  const asked: Asked = {
    ...{ from: query.from ?? '7d', to: query.to ?? '', kind: query.kind ?? '' },
    text: query.text ?? '',
    ...(Object.fromEntries(ABOUT.map((name) => [name, query[name] ?? ''])) as Record<
      (typeof ABOUT)[number],
      string
    >),
  }
  const said = Object.entries(asked).filter(([, value]) => value !== '')
  const key = new URLSearchParams(said).toString()
  const change = (more: Partial<Asked>) => {
    const next = Object.entries({ ...asked, ...more }).filter(([, value]) => value !== '')
    route(`/record?${new URLSearchParams(next)}`)
  }
  const filter = useMemo(() => filterOf(asked), [key])
  const found = useActs(filter)
  const kinds = Object.keys(rules?.kinds ?? {}).sort()
  const groups = [...new Set(kinds.map((kind) => kind.split('.')[0] ?? kind))]
  return (
    <>
      <section class="card stack" aria-label={t('search')}>
        <PeriodField value={asked} onChange={change} />
        <div class="act-choices">
          <Field label={t('what')}>
            {(tied) => (
              <select
                {...tied}
                value={asked.kind}
                onChange={(event) => change({ kind: event.currentTarget.value })}
              >
                <option value="">{t('everything')}</option>
                {groups.map((group) => (
                  <optgroup key={group} label={group}>
                    <option value={group}>{t('allOf', { group })}</option>
                    {kinds
                      .filter((kind) => kind.startsWith(`${group}.`))
                      .map((kind) => (
                        <option key={kind} value={kind}>
                          {words(kind)}
                        </option>
                      ))}
                  </optgroup>
                ))}
              </select>
            )}
          </Field>
          <Words name="by" asked={asked} onChange={change} />
          <Words name="text" asked={asked} onChange={change} />
        </div>
        <details open={SUBJECTS.some((name) => asked[name] !== '')}>
          <summary>{t('aboutWhom')}</summary>
          <div class="act-choices">
            {SUBJECTS.map((name) => (
              <Words key={name} name={name} asked={asked} onChange={change} />
            ))}
          </div>
        </details>
        <div class="row spread">
          <Check label={t('follow')} checked={found.following} onChange={found.follow} />
          <Button onClick={() => route('/record')}>{t('reset')}</Button>
        </div>
      </section>
      <Problem problem={found.problem} onRetry={found.again} />
      {found.busy && found.acts.length === 0 && <Progress label={t('searching')} />}
      {!found.busy && found.acts.length === 0 && !found.problem && (
        <Empty title={t('none.title')}>
          <p>{t('none.text')}</p>
        </Empty>
      )}
      {found.acts.length > 0 && <ActTable acts={found.acts} words={words} onAbout={change} />}
      {found.more && (
        <div class="row">
          <Button busy={found.busy} onClick={found.earlier}>
            {t('earlier')}
          </Button>
        </div>
      )}
    </>
  )
}

type WordsProps = {
  name: (typeof ABOUT)[number] | 'text'
  asked: Asked
  onChange: (more: Partial<Asked>) => void
}

/** Taken on Enter, and when the field is left. */
function Words({ name, asked, onChange }: WordsProps) {
  const t = useWords('record')
  return (
    <Field label={t(`about.${name}`)}>
      {(tied) => (
        <input
          {...tied}
          key={asked[name]}
          type="text"
          autocomplete="off"
          maxLength={200}
          defaultValue={asked[name]}
          onChange={(event) => onChange({ [name]: event.currentTarget.value.trim() })}
        />
      )}
    </Field>
  )
}

/** As the desk is asked for it; undefined where the time is none. */
function filterOf({ from, to, ...rest }: Asked): URLSearchParams | undefined {
  const period = periodOf({ from, to })
  if (period === undefined) return undefined
  const query = new URLSearchParams({ since: String(Math.round(period.since)) })
  if (to !== '') query.set('until', String(Math.round(period.until)))
  for (const [name, value] of Object.entries(rest)) if (value !== '') query.set(name, value)
  return query
}
