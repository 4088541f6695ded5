import { locale } from '../../words.ts'

/** A number as it is written in the language of the console. */
export function figure(value: number, digits: number): string {
  return new Intl.NumberFormat(locale.value, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value)
}
