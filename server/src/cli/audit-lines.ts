import { findingWords } from '../audit/findings.ts'
import { ACTS, isActKind } from '../audit/kinds.ts'
import type { Verdict } from '../audit/verify.ts'
import type { ActRecord } from '../store/audit-search.ts'
import { table, when } from './render.ts'

/** Widths of what stands before the words of an act that is followed live. */
const WIDTHS = [19, 8, 16, 15] as const

/** Acts as a table. */
export function actTable(acts: readonly ActRecord[]): string {
  return table(
    ['WHEN', 'ACT', 'BY', 'FROM', 'WHAT', 'ABOUT, DETAILS, WHY'],
    acts.map((act) => {
      const [time, seq, by, from, what, ...rest] = cellsOf(act)
      // Of any length: columns of their own would push one another out of the picture.
      return [time!, seq!, by!, from!, what!, rest.filter((cell) => cell !== '').join('  ')]
    }),
  )
}

/** One act in a line, as long as it is followed. */
export function actLine(act: ActRecord): string {
  const [time, seq, by, from, ...rest] = cellsOf(act)
  const fixed = [time, seq, by, from].map((cell, i) => cell!.padEnd(WIDTHS[i]!))
  return [...fixed, ...rest.filter((cell) => cell !== '')].join('  ')
}

function cellsOf({ seq, at, kind, by, from, why, about, details }: ActRecord): string[] {
  const words = isActKind(kind) ? ACTS[kind].words : kind
  if (by === null) return [when(at), `${seq}`, '', '', words, '(deleted by retention)', '', '']
  return [
    when(at),
    `${seq}`,
    by,
    from ?? '',
    words,
    Object.entries(about ?? {})
      .map(([subject, id]) => `${subject} ${id}`)
      .join(', '),
    Object.entries(details ?? {})
      .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(' '),
    why === null ? '' : `“${why}”`,
  ]
}

/** A verdict for a person: what is wrong first, then what was looked at. */
export function verdictText(verdict: Verdict): string {
  const { good, acts, first, last, heads, signed, unsigned, retained, prefix, findings } = verdict
  const span = acts === 0 ? 'no acts' : `${acts} acts (${first} to ${last}), ${heads} heads`
  return [
    good ? `good       ${span}` : `NOT GOOD   ${span}`,
    ...findings.map((finding) => `  ${findingWords(finding)}`),
    signed === null
      ? 'signed     nothing yet'
      : `signed     up to act ${signed.seq}, ${when(signed.at)}`,
    ...(unsigned > 0 ? [`unsigned   ${unsigned} acts since: chained, not signed yet`] : []),
    ...retained.map(({ kind, bodies, through, at }) => {
      return `retention  ${bodies} bodies of ${kind} up to act ${through}, deleted until ${when(at)}`
    }),
    ...(prefix > 0 ? [`retention  acts up to ${prefix} deleted whole`] : []),
  ].join('\n')
}
