import { useSignal } from '@preact/signals'

/**
 * The text of a control for something that is written in letters: what was typed, for as long as
 * it reads as `value`. Half a number or a list that ends in a comma is not taken out of the hand
 * of whoever types it.
 */
export function useTyped<T>(
  value: T,
  read: (text: string) => T,
  write: (value: T) => string,
): [string, (text: string) => void] {
  const typed = useSignal(write(value))
  const text = write(read(typed.value)) === write(value) ? typed.value : write(value)
  const type = (next: string) => {
    typed.value = next
  }
  return [text, type]
}
