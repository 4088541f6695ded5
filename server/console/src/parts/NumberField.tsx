import { Field, type Labelled, type Taken } from './Field.tsx'
import { type Held, held } from './held.ts'
import { useTyped } from './use-typed.ts'

type NumberFieldProps = Labelled & Held<number> & Taken

/** A number; NaN where there is none. */
export function NumberField(props: NumberFieldProps) {
  const { label, hint, error, field, value, onValue, ...taken } = props
  const [number, take] = held<number>(props)
  const [text, type] = useTyped(number, read, write)
  return (
    <Field label={label} hint={hint} error={error}>
      {(tied) => (
        <input
          {...taken}
          {...tied}
          type="number"
          value={text}
          onInput={({ currentTarget }) => {
            type(currentTarget.value)
            take(currentTarget.valueAsNumber)
          }}
        />
      )}
    </Field>
  )
}

function read(text: string): number {
  return text === '' ? Number.NaN : Number(text)
}

function write(number: number): string {
  return Number.isNaN(number) ? '' : String(number)
}
