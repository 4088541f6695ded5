import { locale, wordsOf } from './words.ts'

/** At most two digits that count below a hundred, whole above. */
export function amount(value: number): string {
  const digits = value >= 100 ? Math.round(value) : Number(value.toPrecision(2))
  return digits.toLocaleString(locale.value, { maximumSignificantDigits: 12 })
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

/** `140 ms`, `2.5 s`, `3 h`. */
export function span(ms: number): string {
  const t = wordsOf('shell')
  const [unit, size] = UNITS.find(([, each]) => ms >= 1.5 * each) ?? ['ms', 1]
  return t(`unit.${unit}`, { amount: amount(ms / size) })
}
