import { namesOf } from '../names.ts'
import { Field, type Labelled } from './Field.tsx'
import { useTyped } from './use-typed.ts'

type NamesFieldProps = Labelled & {
  names: readonly string[]
  onNames: (names: string[]) => void
  placeholder?: string
  /** One to a line. */
  tall?: boolean
}

/** Names, with commas or space between them. */
export function NamesField({ names, onNames, placeholder, tall, ...labels }: NamesFieldProps) {
  const between = tall ? '\n' : ', '
  const [text, type] = useTyped(names, namesOf, (all) => all.join(between))
  return (
    <Field {...labels}>
      {(tied) => {
        const all = {
          ...{ ...tied, placeholder, value: text, spellcheck: false },
          onInput: (event: { currentTarget: { value: string } }) => {
            type(event.currentTarget.value)
            onNames(namesOf(event.currentTarget.value))
          },
        }
        return tall ? <textarea {...all} rows={3} /> : <input {...all} autocomplete="off" />
      }}
    </Field>
  )
}
