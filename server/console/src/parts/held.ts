import type { Signal } from '@preact/signals'

/** Where what is said in a control is: in a signal, or with whoever is told of each change. */
export type Held<T> =
  | { field: Signal<T>; value?: never; onValue?: never }
  | { field?: never; value: T; onValue: (value: T) => void }

/** What is said now, and what takes what is said next. */
export function held<T>({ field, value, onValue }: Held<T>): [T, (next: T) => void] {
  if (!field) return [value, onValue]
  const take = (next: T) => {
    field.value = next
  }
  return [field.value, take]
}
