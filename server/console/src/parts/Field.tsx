import type { Signal } from '@preact/signals'
import type { ComponentChildren, InputHTMLAttributes } from 'preact'
import { useId } from 'preact/hooks'
import { held } from './held.ts'

/** What ties a control to its label, hint and error. */
export type Tied = { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }

/** What is said of a control. */
export type Labelled = {
  label: string
  hint?: ComponentChildren
  error?: string | undefined
}

/** What else an input takes. */
export type Taken = Pick<
  InputHTMLAttributes<HTMLInputElement>,
  | ('name' | 'required' | 'disabled' | 'placeholder' | 'maxLength' | 'min' | 'max' | 'step')
  | ('pattern' | 'inputMode' | 'autocomplete' | 'autocapitalize' | 'spellcheck')
  | ('onBlur' | 'onKeyDown' | 'ref')
>

type FieldProps = Labelled & {
  /** Draws the control, given what ties it to its label. */
  children: (tied: Tied) => ComponentChildren
}

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId()
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        ...(described && { 'aria-describedby': described }),
        ...(error && { 'aria-invalid': true }),
      })}
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {error && (
        <span class="error" id={`${id}-error`} role="alert">
          {error}
        </span>
      )}
    </div>
  )
}

type CheckProps = {
  label: ComponentChildren
  disabled?: boolean
} & (
  | { field: Signal<boolean>; checked?: never; onChange?: never }
  | { field?: never; checked: boolean; onChange: (checked: boolean) => void }
)

export function Check({ label, disabled = false, field, checked, onChange }: CheckProps) {
  const [on, take] = field ? held({ field }) : held({ value: checked, onValue: onChange })
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={on}
        disabled={disabled}
        onChange={(event) => take(event.currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  )
}
