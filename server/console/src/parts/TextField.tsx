import { Field, type Labelled, type Taken } from './Field.tsx'
import { type Held, held } from './held.ts'

type TextFieldProps = Labelled &
  Held<string> &
  Taken &
  // One by one: what an input may be hangs on its type.
  ({ type?: 'text' } | { type: 'search' } | { type: 'password' } | { type: 'number' })

type TextAreaProps = Labelled &
  Held<string> &
  Pick<Taken, 'required' | 'maxLength' | 'spellcheck'> & { rows: number }

/** One line; nothing typed earlier is proposed where nothing else is said. */
export function TextField(props: TextFieldProps) {
  const { label, hint, error, field, value, onValue, ...taken } = props
  const [text, take] = held<string>(props)
  return (
    <Field label={label} hint={hint} error={error}>
      {(tied) => (
        <input
          autocomplete="off"
          {...taken}
          {...tied}
          value={text}
          onInput={(event) => take(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

/** Many lines. */
export function TextArea(props: TextAreaProps) {
  const { label, hint, error, field, value, onValue, ...taken } = props
  const [text, take] = held<string>(props)
  return (
    <Field label={label} hint={hint} error={error}>
      {(tied) => (
        <textarea
          {...taken}
          {...tied}
          value={text}
          onInput={(event) => take(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}
