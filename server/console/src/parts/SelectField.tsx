import { Field, type Labelled } from './Field.tsx'
import { type Held, held } from './held.ts'

/** A value, and the words for it. */
export type Option<T> = readonly [value: T, words: string | number]

/** Lists, channels, whatever goes by a name and is chosen by its id. */
export function named(all: readonly { id: string; name: string }[]): Option<string>[] {
  return all.map(({ id, name }) => [id, name])
}

type Choosable = string | number | null

type SelectFieldProps<T extends Choosable> = Labelled &
  Held<T> & { options: readonly Option<T>[]; name?: string; disabled?: boolean }

/** One of `options`. */
export function SelectField<T extends Choosable>(props: SelectFieldProps<T>) {
  const { label, hint, error, options, field, value, onValue, ...taken } = props
  const [chosen, take] = held<T>(props)
  return (
    <Field label={label} hint={hint} error={error}>
      {(tied) => (
        <select
          {...taken}
          {...tied}
          value={keyOf(chosen)}
          onChange={(event) => {
            const option = options[event.currentTarget.selectedIndex]
            if (option) take(option[0])
          }}
        >
          {options.map(([one, words]) => (
            <option key={keyOf(one)} value={keyOf(one)}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

function keyOf(value: Choosable): string {
  return value === null ? '' : String(value)
}
