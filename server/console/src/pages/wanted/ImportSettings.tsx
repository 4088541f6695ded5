import type { CountedList } from '@vedette/server/desk/routes/lists'
import { Check, Field } from '../../parts/Field.tsx'
import { useWords } from '../../words.ts'
import type { Usual } from './import-journal.ts'

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
  return (
    <fieldset class="wanted-policy card" disabled={disabled}>
      <legend class="unseen">{t('import.usual')}</legend>
      <Field label={t('people.list')} hint={t('import.usual')}>
        {(tied) => (
          <select
            {...tied}
            value={usual.list}
            onChange={(event) => onChange({ ...usual, list: event.currentTarget.value })}
          >
            <option value="">{t('import.usualList')}</option>
            {lists.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t('details.expires')} hint={t('import.expiresHint')}>
        {(tied) => (
          <input
            {...tied}
            pattern="\d{1,4}d|\d{4}-\d\d-\d\d"
            value={usual.expires}
            onInput={(event) => onChange({ ...usual, expires: event.currentTarget.value.trim() })}
          />
        )}
      </Field>
      {LINES.map((field) => (
        <Field key={field} label={field === 'source' ? t('shot.source') : t(`details.${field}`)}>
          {(tied) => (
            <input
              {...tied}
              maxLength={2000}
              value={usual[field]}
              onInput={(event) => onChange({ ...usual, [field]: event.currentTarget.value })}
            />
          )}
        </Field>
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
