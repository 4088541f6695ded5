import type { Signal } from '@preact/signals'
import { Field } from '../../parts/Field.tsx'
import { useWords } from '../../words.ts'

/** Why it is done, for the record. */
export function ReasonField({ reason, needed }: { reason: Signal<string>; needed?: boolean }) {
  const t = useWords('wanted')
  return (
    <Field label={t(needed ? 'reason.needed' : 'reason.label')} hint={t('reason.hint')}>
      {(tied) => (
        <input
          {...tied}
          maxLength={500}
          autocomplete="off"
          required={needed}
          value={reason.value}
          onInput={(event) => {
            reason.value = event.currentTarget.value
          }}
        />
      )}
    </Field>
  )
}
