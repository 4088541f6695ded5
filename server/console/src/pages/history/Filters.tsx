import type { Watch } from '@vedette/server/desk/answered/cameras'
import type { List } from '@vedette/server/lists/list'
import { Button } from '../../parts/Button.tsx'
import { PeriodField } from '../../parts/PeriodField.tsx'
import { named, type Option, SelectField } from '../../parts/SelectField.tsx'
import { FATES } from '../../plots/fates.ts'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import type { Filter } from './filter.ts'
import { PersonField } from './PersonField.tsx'

type FiltersProps = { filter: Filter; onChange: (filter: Filter) => void }

/** When, where, on which list, what became of it. */
export function Filters({ filter, onChange }: FiltersProps) {
  const t = useWords('history')
  const shell = useWords('shell')
  const lists = useDesk<List[]>('/lists').data ?? []
  const cameras = useDesk<Watch>('/cameras').data?.cameras ?? []
  const change = (more: Partial<Filter>) => onChange({ ...filter, ...more })
  const choices = {
    list: named(lists),
    camera: cameras.map(({ agent, camera }) => {
      const name = `${agent}/${camera}`
      return [name, name] as const
    }),
    fate: FATES.map((fate) => [fate, shell(`fate.${fate}`)] as const),
    certainty: (['provisional', 'confirmed', 'withdrawn'] as const).map(
      (one) => [one, t(`certainty.${one}`)] as const,
    ),
    mark: (['late', 'retrospective'] as const).map((one) => [one, t(`mark.${one}`)] as const),
  }
  return (
    <section class="past-filters card" aria-label={t('filters')}>
      <PeriodField value={filter} onChange={change} />
      <div class="choices">
        <PersonField entry={filter.entry} onChange={(entry) => change({ entry })} />
        {(['list', 'camera', 'fate', 'certainty', 'mark'] as const).map((name) => (
          <SelectField
            key={name}
            label={t(`filter.${name}`)}
            value={filter[name]}
            onValue={(next) => change({ [name]: next })}
            options={[['', t('any')], ...withOwn(choices[name], filter[name])]}
          />
        ))}
      </div>
      {filter.entry !== '' && (
        <p class="row">
          <span>
            {t('onePerson')} <a href={`/wanted/${filter.entry}`}>{filter.entry}</a>
          </span>
          <Button onClick={() => change({ entry: '' })}>{t('everybody')}</Button>
        </p>
      )}
    </section>
  )
}

/** What is chosen can be seen, also where it is a list or a camera that is gone. */
function withOwn(choices: readonly Option<string>[], chosen: string): readonly Option<string>[] {
  const known = chosen === '' || choices.some(([value]) => value === chosen)
  return known ? choices : [...choices, [chosen, chosen]]
}
