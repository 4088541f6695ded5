import { useSignal } from '@preact/signals'
import type { Outcome } from '@vedette/server/cli/import/row'
import { Button } from '../../parts/Button.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { Tag, type Tone } from '../../parts/Tag.tsx'
import { said } from '../../problem-words.ts'
import { useWords } from '../../words.ts'
import { csvOf, type ImportRun } from './import-run.ts'

const SHOWN = 200
const TONES: Record<Outcome['state'], Tone> = {
  enrolled: 'good',
  good: 'good',
  pending: 'accent',
  refused: 'danger',
  failed: 'warn',
}
const FILTERS = ['all', 'enrolled', 'pending', 'good', 'duplicate', 'refused', 'failed'] as const
type Filter = (typeof FILTERS)[number]

type OutcomesProps = { run: ImportRun; isDry: boolean; all: number }

/** How far it has come, how fast, and what became of each. */
export function Outcomes({ run, isDry, all }: OutcomesProps) {
  const t = useWords('wanted')
  const filter = useSignal<Filter>('all')
  const outcomes = run.outcomes.value
  const state = run.state.value
  const rate = run.rate.value
  const left = all - outcomes.length
  const minutes = rate > 0 ? Math.ceil(left / rate) : undefined
  const chosen = outcomes.filter((outcome) => isOf(outcome, filter.value))
  const save = (kind: 'csv' | 'json') => {
    const text = kind === 'csv' ? csvOf(outcomes) : JSON.stringify(outcomes, null, 2)
    const type = kind === 'csv' ? 'text/csv' : 'application/json'
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([`${text}\n`], { type }))
    link.download = `import.${kind}`
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
  }
  return (
    <section class="card stack" aria-label={t('import.outcomes')}>
      <Progress
        label={t(
          state === 'over' || state === 'stopped'
            ? `import.${state}`
            : isDry
              ? 'import.checking'
              : `import.${state}`,
        )}
        value={outcomes.length}
        most={all}
      >
        {outcomes.length} / {all}
        {state === 'running' &&
          minutes !== undefined &&
          ` · ${t('import.rate', { rate: Math.round(rate) })} · ${t('import.left', { count: minutes })}`}
      </Progress>
      <div class="row">
        {state === 'running' && <Button onClick={() => run.pause()}>{t('import.pause')}</Button>}
        {state === 'paused' && (
          <Button kind="primary" onClick={() => run.resume()}>
            {t('import.goOn')}
          </Button>
        )}
        {(state === 'running' || state === 'paused') && (
          <Button onClick={() => run.stop()}>{t('import.stop')}</Button>
        )}
        {outcomes.length > 0 && (
          <>
            <Button onClick={() => save('csv')}>{t('import.csv')}</Button>
            <Button onClick={() => save('json')}>{t('import.json')}</Button>
          </>
        )}
      </div>
      <fieldset class="wanted-states">
        <legend class="unseen">{t('import.filter')}</legend>
        {FILTERS.flatMap((one) => {
          const count = outcomes.filter((outcome) => isOf(outcome, one)).length
          if (count === 0 && one !== 'all') return []
          return (
            <Button
              key={one}
              kind="quiet"
              aria-pressed={filter.value === one}
              onClick={() => {
                filter.value = one
              }}
            >
              {t(`import.outcome.${one}`)} <span class="number quiet">{count}</span>
            </Button>
          )
        })}
      </fieldset>
      <div class="scroll-x">
        <table>
          <thead>
            <tr>
              <th>{t('import.row')}</th>
              <th>{t('details.name')}</th>
              <th>{t('people.state')}</th>
              <th>{t('import.words')}</th>
            </tr>
          </thead>
          <tbody>
            {chosen.slice(0, SHOWN).map((outcome) => {
              const { at, name, key, state, entry, code, words } = outcome
              return (
                <tr key={`${at} ${key}`}>
                  <td>{at}</td>
                  <td>{entry ? <a href={`/wanted/${entry}`}>{name}</a> : name}</td>
                  <td>
                    <Tag tone={TONES[state]}>{t(`import.outcome.${state}`)}</Tag>
                  </td>
                  <td>
                    {code === 'photo.none' && `${t('import.missing')} `}
                    {(code && said({ code })?.detail) ?? words}{' '}
                    {code && <code class="small quiet">{code}</code>}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {chosen.length > SHOWN && <p class="quiet">{t('import.shown', { count: SHOWN })}</p>}
    </section>
  )
}

function isOf({ state, code }: Outcome, filter: Filter): boolean {
  if (filter === 'all') return true
  return filter === 'duplicate' ? code === 'entry.duplicate' : state === filter
}
