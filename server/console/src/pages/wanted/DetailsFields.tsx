import type { Demand } from '@vedette/server/lists/list'
import { Field } from '../../parts/Field.tsx'
import { useWords } from '../../words.ts'
import type { Said } from './enrolling.ts'

const LINES = ['reason', 'legalBasis', 'authority', 'caseNumber'] as const

type DetailsFieldsProps = {
  said: Said
  demands: readonly Demand[]
  /** Show what is missing. */
  strict: boolean
  onChange: (said: Said) => void
}

/** What is said of a person, with what their list demands marked. */
export function DetailsFields({ said, demands, strict, onChange }: DetailsFieldsProps) {
  const t = useWords('wanted')
  const isMissing = (field: keyof Said) =>
    strict && said[field].trim() === '' && (field === 'name' || demands.includes(field as Demand))
  const error = (field: keyof Said) => (isMissing(field) ? t('details.missing') : undefined)
  const labelOf = (field: Demand) =>
    demands.includes(field)
      ? t('details.demanded', { label: t(`details.${field}`) })
      : t(`details.${field}`)
  const change = (field: keyof Said) => (event: { currentTarget: { value: string } }) =>
    onChange({ ...said, [field]: event.currentTarget.value })
  return (
    <>
      <Field label={t('details.demanded', { label: t('details.name') })} error={error('name')}>
        {(tied) => (
          <input
            {...tied}
            required
            maxLength={200}
            autocomplete="off"
            value={said.name}
            onInput={change('name')}
          />
        )}
      </Field>
      <Field label={t('details.aliases')} hint={t('details.aliasesHint')}>
        {(tied) => (
          <input
            {...tied}
            maxLength={2000}
            autocomplete="off"
            value={said.aliases}
            onInput={change('aliases')}
          />
        )}
      </Field>
      {LINES.map((field) => (
        <Field key={field} label={labelOf(field)} error={error(field)}>
          {(tied) => (
            <input
              {...tied}
              maxLength={2000}
              autocomplete="off"
              required={demands.includes(field)}
              value={said[field]}
              onInput={change(field)}
            />
          )}
        </Field>
      ))}
      <Field label={labelOf('note')} hint={t('details.noteHint')} error={error('note')}>
        {(tied) => (
          <textarea
            {...tied}
            rows={3}
            maxLength={2000}
            required={demands.includes('note')}
            value={said.note}
            onInput={change('note')}
          />
        )}
      </Field>
    </>
  )
}

/** Whether everything is said that must be. */
export function isWhole(said: Said, demands: readonly Demand[]): boolean {
  return said.name.trim() !== '' && demands.every((demand) => said[demand].trim() !== '')
}
