import type { CountedList } from '@vedette/server/desk/answered/lists'
import { Check } from '../../parts/Field.tsx'
import { named, SelectField } from '../../parts/SelectField.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { useWords } from '../../words.ts'
import { dateOf, endOf } from './format.ts'
import type { Usual } from './import-journal.ts'
import { Until } from './Until.tsx'

const LINES = ['reason', 'legalBasis', 'authority', 'caseNumber', 'source'] as const

type ImportSettingsProps = {
  usual: Usual
  lists: readonly CountedList[]
  disabled: boolean
  onChange: (usual: Usual) => void
}

/** What holds where a row says nothing. */
export function ImportSettings({ usual, lists, disabled, onChange }: ImportSettingsProps) {
  const t = useWords('wanted')
  const first = lists.find(({ id }) => id === 'wanted') ?? lists[0]
  const list = lists.find(({ id }) => id === usual.list) ?? first
  return (
    <fieldset class="wanted-policy card" disabled={disabled}>
      <legend class="unseen">{t('import.usual')}</legend>
      <SelectField
        label={t('people.list')}
        hint={t('import.usual')}
        value={usual.list}
        onValue={(list) => onChange({ ...usual, list })}
        options={[['', t('import.usualList')], ...named(lists)]}
      />
      {list && (
        <Until
          label={t('details.expires')}
          usualLife={list.usualLife}
          longestLife={list.longestLife}
          value={usual.expires === '' ? undefined : endOf(usual.expires)}
          onChange={(until) => {
            onChange({ ...usual, expires: until === undefined ? '' : dateOf(until) })
          }}
        />
      )}
      {LINES.map((field) => (
        <TextField
          key={field}
          label={field === 'source' ? t('shot.source') : t(`details.${field}`)}
          maxLength={2000}
          value={usual[field]}
          onValue={(next) => onChange({ ...usual, [field]: next })}
        />
      ))}
      <Check
        label={t('import.skipBad')}
        checked={usual.skipBad}
        disabled={disabled}
        onChange={(skipBad) => onChange({ ...usual, skipBad })}
      />
    </fieldset>
  )
}
