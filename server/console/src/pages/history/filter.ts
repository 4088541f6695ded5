import type { Typed } from '../../parts/PeriodField.tsx'
import { FATES, type Fate } from '../../plots/fates.ts'

/** What is asked of the past, as the address of the page says it. */
export type Filter = Typed & {
  list: string
  /** AGENT/CAMERA. */
  camera: string
  entry: string
  fate: Fate | ''
  certainty: '' | 'provisional' | 'confirmed' | 'withdrawn'
  mark: '' | 'late' | 'retrospective'
}

const CERTAINTIES = ['provisional', 'confirmed', 'withdrawn'] as const
const MARKS = ['late', 'retrospective'] as const

/** Seven days back, where the address says nothing; of one person, a month. */
export function filterOf(query: Readonly<Record<string, string>>): Filter {
  const { from, to = '', list = '', camera = '', entry = '' } = query
  return {
    from: from ?? (entry === '' ? '7d' : '30d'),
    ...{ to, list, camera, entry },
    fate: FATES.find((one) => one === query.fate) ?? '',
    certainty: CERTAINTIES.find((one) => one === query.certainty) ?? '',
    mark: MARKS.find((one) => one === query.mark) ?? '',
  }
}

/** The address of the page that asks for it. */
export function addressOf(filter: Filter): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''))
  return `/history?${query}`
}

/** The same as the desk is asked for it. */
export function queryOf(
  { list, camera, entry, fate, certainty, mark }: Filter,
  { since, until }: { since: number; until: number },
): URLSearchParams {
  const query = new URLSearchParams({ since: String(since), until: String(until) })
  for (const [name, value] of Object.entries({
    ...{ lists: list, cameras: camera, entry, fates: fate, certainty },
  })) {
    if (value !== '') query.set(name, value)
  }
  if (mark !== '') query.set(mark, '1')
  return query
}
