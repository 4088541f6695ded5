import type { Demand } from '@vedette/server/lists/list'
import { TextArea, TextField } from '../../parts/TextField.tsx'
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
  const of = (field: keyof Said) => ({
    value: said[field],
    onValue: (next: string) => onChange({ ...said, [field]: next }),
  })
  return (
    <>
      <TextField
        label={t('details.demanded', { label: t('details.name') })}
        error={error('name')}
        required
        maxLength={200}
        {...of('name')}
      />
      <TextField
        label={t('details.aliases')}
        hint={t('details.aliasesHint')}
        maxLength={2000}
        {...of('aliases')}
      />
      {LINES.map((field) => (
        <TextField
          key={field}
          label={labelOf(field)}
          error={error(field)}
          maxLength={2000}
          required={demands.includes(field)}
          {...of(field)}
        />
      ))}
      <TextArea
        label={labelOf('note')}
        hint={t('details.noteHint')}
        error={error('note')}
        rows={3}
        maxLength={2000}
        required={demands.includes('note')}
        {...of('note')}
      />
    </>
  )
}

/** Whether everything is said that must be. */
export function isWhole(said: Said, demands: readonly Demand[]): boolean {
  return said.name.trim() !== '' && demands.every((demand) => said[demand].trim() !== '')
}
