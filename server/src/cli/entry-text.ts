import type { Entry } from '../store/entries.ts'
import type { PhotoRecord } from '../store/photos.ts'
import { table, when } from './render.ts'
import { span } from './span.ts'

const SOON_MS = 7 * 86_400_000

/** How it stands with an entry, in capitals where somebody should look at it. */
export function standing(
  { state, expiresAt }: Pick<Entry, 'state' | 'expiresAt'>,
  now: number,
): string {
  if (state === 'live' && expiresAt - now < SOON_MS)
    return `live, ${span(Math.max(0, expiresAt - now))} LEFT`
  if (state === 'pending') return 'PENDING'
  return state === 'expired' ? 'EXPIRED' : state
}

export function entryTable(entries: readonly Entry[], now = Date.now()): string {
  return table(
    ['ENTRY', 'NAME', 'LIST', 'STATE', 'EXPIRES', 'PHOTOS', 'SINCE', 'BY'],
    entries.map((entry) => [
      entry.id,
      entry.name,
      entry.list,
      standing(entry, now),
      when(entry.expiresAt),
      String(entry.photos),
      when(entry.createdAt),
      entry.createdBy,
    ]),
  )
}

export function entryText(entry: Entry, photos: readonly PhotoRecord[], now = Date.now()): string {
  const said = [
    ['aliases', entry.aliases.join(', ')],
    ['reason', entry.reason],
    ['basis', entry.legalBasis],
    ['authority', entry.authority],
    ['case', entry.caseNumber],
    ['note', entry.note],
  ] as const
  return [
    `name       ${entry.name}`,
    `list       ${entry.list}`,
    `state      ${standing(entry, now)}, until ${when(entry.expiresAt)}`,
    ...said.flatMap(([name, text]) => (text === '' ? [] : [`${name.padEnd(11)}${text}`])),
    `since      ${when(entry.createdAt)}, by ${entry.createdBy}`,
    ...photos.map(photoLine),
  ].join('\n')
}

function photoLine({ photo, quality, state, source, taken }: PhotoRecord): string {
  const origin = [source && `from ${source}`, taken && `taken ${taken}`].filter((part) => part)
  const waiting = state === 'pending' ? ['WAITS for a second person'] : []
  const said = [`quality ${Math.round(quality * 100)} of 100`, ...origin, ...waiting]
  return `photo ${photo}    ${said.join(', ')}`
}
