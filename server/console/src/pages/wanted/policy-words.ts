import type { Hours, ListPolicy } from '@vedette/server/lists/list'
import type { TFunction } from 'i18next'
import { hoursWords } from '../../hours.ts'
import { DAY_MS } from './format.ts'

const MINUTE_MS = 60_000

/** One respect in which a list differs from others, in words. */
export function policyWords(
  field: keyof ListPolicy,
  value: ListPolicy[keyof ListPolicy] | undefined,
  t: TFunction<'wanted'>,
): string {
  if (value === undefined) return ''
  if (value === null) return t(NULLS[field] ?? 'lists.usual')
  if (field === 'hours' || field === 'quiet') return hoursWords(value as Hours)
  if (field === 'usualLife' || field === 'longestLife') {
    return t('until.days', { count: Math.round(Number(value) / DAY_MS) })
  }
  if (field === 'keepFor') return t('lists.hours', { count: Number(value) })
  if (field === 'escalateAfter') {
    return t('lists.minutes', { count: Math.round(Number(value) / MINUTE_MS) })
  }
  if (field === 'sound') return t(`lists.sounds.${value as ListPolicy['sound']}`)
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
  if (field === 'demands') {
    const all = value as ListPolicy['demands']
    return all.map((demand) => t(`details.${demand}`)).join(', ') || t('lists.nothing')
  }
  return Array.isArray(value) ? value.join(', ') : String(value)
}

type Null = 'lists.always' | 'lists.neverQuiet' | 'lists.everywhere' | 'lists.everybody'
const NULLS: Partial<Record<keyof ListPolicy, Null>> = {
  hours: 'lists.always',
  quiet: 'lists.neverQuiet',
  cameras: 'lists.everywhere',
  viewers: 'lists.everybody',
}
