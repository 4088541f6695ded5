import type { Signal } from '@preact/signals'
import { Check } from '../../parts/Field.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { useWords } from '../../words.ts'

type AnywayProps = {
  /** What somebody makes sure of. */
  label: string
  sure: Signal<boolean>
  why: Signal<string>
}

/** Enrols somebody against what was found, for a reason that is recorded. */
export function Anyway({ label, sure, why }: AnywayProps) {
  const t = useWords('wanted')
  const shell = useWords('shell')
  return (
    <div class="wanted-anyway">
      <Check label={label} field={sure} />
      {sure.value && (
        <TextField label={t('add.why')} hint={shell('reason.hint')} maxLength={500} field={why} />
      )}
    </div>
  )
}
