import type { Problem } from '@vedette/server/desk/problem'

type FaultParams = NonNullable<Problem['params']>

/** One way to say it: taken where the problem has what its gaps ask for, and is as `when` says. */
type Way = {
  when?: Record<string, string>
  detail: string
  hint: string
  /** The desk's own words say more: they are shown as well. */
  own?: true
}

/** A language: what names of states and roles are called, and the ways to say each code, the exact first. */
export type Book = {
  values: Record<string, Record<string, string>>
  said: Record<string, Way | readonly Way[]>
}

export type Said = { detail: string; hint: string; own: boolean }
export type Sayable = Pick<Problem, 'code'> & Partial<Pick<Problem, 'params' | 'retryAfter'>>

const GAP = /\{\{(\w+)\}\}/g

/** What `book` says of a problem; undefined where it has no words for it. */
export function sayingOf(
  book: Book,
  { code, params = {}, retryAfter }: Sayable,
  locale: string,
): Said | undefined {
  const known: FaultParams = { ...params, ...(retryAfter !== undefined && { retryAfter }) }
  const ways = [book.said[code] ?? []].flat()
  const way = ways.find(
    ({ when = {}, detail, hint }) =>
      Object.entries(when).every(([name, value]) => known[name] === value) &&
      gapsOf(detail + hint).every((name) => name in known),
  )
  if (way === undefined) return undefined
  const fill = (text: string) =>
    text.replace(GAP, (_, name: string) => written(known[name] ?? '', book.values[name], locale))
  return { detail: fill(way.detail), hint: fill(way.hint), own: way.own ?? false }
}

export function gapsOf(text: string): string[] {
  return [...text.matchAll(GAP)].map(([, name]) => name!)
}

function written(
  value: string | number | readonly string[],
  names: Record<string, string> | undefined,
  locale: string,
): string {
  if (typeof value === 'number') return new Intl.NumberFormat(locale).format(value)
  const all = typeof value === 'string' ? [value] : value
  return new Intl.ListFormat(locale).format(all.map((one) => names?.[one] ?? one))
}
