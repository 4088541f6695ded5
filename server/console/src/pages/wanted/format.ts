import type { EntryState } from '@vedette/server/entries/life'
import type { Tone } from '../../parts/Tag.tsx'
import { locale } from '../../words.ts'

export const DAY_MS = 86_400_000
/** Who expires within this time wants to be looked at, milliseconds. */
export const SOON_MS = 7 * DAY_MS

export const STATES = ['live', 'pending', 'expired', 'refused'] as const satisfies EntryState[]

export const TONES: Record<EntryState, Tone> = {
  live: 'good',
  pending: 'accent',
  expired: 'warn',
  refused: 'danger',
}

export function day(at: number): string {
  return new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium' }).format(at)
}

/** YYYY-MM-DD by the clock on the wall here, as date fields have it. */
export function dateOf(at: number): string {
  const date = new Date(at)
  const two = (number: number) => String(number).padStart(2, '0')
  // A year that is being typed begins with few digits, and is still a date.
  const year = String(date.getFullYear()).padStart(4, '0')
  return `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** The last moment of that day here, epoch milliseconds; NaN where it is none. */
export function endOf(date: string): number {
  return new Date(`${date}T23:59:59.999`).getTime()
}

export function figure(value: number, digits = 3): string {
  return new Intl.NumberFormat(locale.value, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value)
}

/** Text as it is compared: without case and accents. */
export function fold(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain.replaceAll('ß', 'ss').replaceAll('æ', 'ae').replaceAll('ø', 'o').replaceAll('ł', 'l')
}
