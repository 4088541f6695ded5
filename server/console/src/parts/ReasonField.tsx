import type { Signal } from '@preact/signals'
import { useWords } from '../words.ts'
import { TextField } from './TextField.tsx'

type ReasonFieldProps = {
  reason: Signal<string>
  needed?: boolean
  /** Said instead of that it goes to the record, which the label then says; '' is nothing. */
  hint?: string
}

/** Why it is done, for the record. */
export function ReasonField({ reason, needed, hint }: ReasonFieldProps) {
  const t = useWords('shell')
  const label = hint === undefined ? t(needed ? 'reason.needed' : 'reason.label') : t('ask.reason')
  return (
    <TextField
      label={label}
      hint={hint ?? t('reason.hint')}
      field={reason}
      maxLength={500}
      required={needed}
    />
  )
}
