import { useSignal } from '@preact/signals'
import type { Entry } from '@vedette/server/store/entries'
import { useEffect, useId } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { Field } from '../../parts/Field.tsx'
import { may } from '../../session.ts'
import { useWords } from '../../words.ts'

/** Whoever types is not done before, milliseconds. */
const PAUSE_MS = 250
const MOST = 12

/** Somebody on a list by name, alias, case number or id; '' is everybody. */
export function PersonField({
  entry,
  onChange,
}: {
  entry: string
  onChange: (entry: string) => void
}) {
  const t = useWords('history')
  const list = useId()
  const text = useSignal(entry)
  const found = useSignal<readonly Entry[]>([])
  useEffect(() => {
    text.value = entry
  }, [entry])
  const asked = text.value.trim()
  useEffect(() => {
    if (asked === '' || asked === entry || !may('entries.view')) return
    const leaving = new AbortController()
    const timer = setTimeout(() => {
      const query = new URLSearchParams({ text: asked, limit: String(MOST) })
      desk.get<Entry[]>(`/entries?${query}`, { signal: leaving.signal }).then(
        (entries) => {
          found.value = entries
        },
        () => {
          // Without suggestions an id can still be typed.
          found.value = []
        },
      )
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [asked, entry])
  const take = () => {
    const typed = text.peek().trim()
    const named = found.peek().filter(({ id, name }) => id === typed || name === typed)
    const [one, ...others] = named.length > 0 ? named : found.peek()
    if (typed === '') onChange('')
    else if (one && others.length === 0) onChange(one.id)
    else if (found.peek().length === 0) onChange(typed)
  }
  return (
    <Field label={t('filter.entry')}>
      {(tied) => (
        <>
          <input
            {...tied}
            type="search"
            list={list}
            autocomplete="off"
            maxLength={200}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value
              if (found.peek().some(({ id }) => id === text.peek())) take()
            }}
            onKeyDown={(event) => event.key === 'Enter' && take()}
            onChange={take}
          />
          <datalist id={list}>
            {found.value.map(({ id, name, caseNumber }) => (
              <option key={id} value={id}>
                {[name, caseNumber].filter((said) => said !== '').join(', ')}
              </option>
            ))}
          </datalist>
        </>
      )}
    </Field>
  )
}
