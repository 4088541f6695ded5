import type { Fate } from '@vedette/server/report/figures'
import type { Density } from '@vedette/server/store/history'

export type { Fate } from '@vedette/server/report/figures'

/** What became of an alert, in the order in which it is drawn and told. */
export const FATES: readonly Fate[] = ['true', 'false', 'unresolved', 'unjudged', 'withdrawn']

export type Counts = Record<Fate, number>

export const NONE: Counts = { true: 0, false: 0, unresolved: 0, unjudged: 0, withdrawn: 0 }

export function sumOf(counts: Counts): number {
  return FATES.reduce((sum, fate) => sum + counts[fate], 0)
}

export function added(one: Counts, other: Counts): Counts {
  return Object.fromEntries(FATES.map((fate) => [fate, one[fate] + other[fate]])) as Counts
}

/** What became of an alert, as the desk counts it. */
export function fateOf({
  outcome,
  certainty,
}: {
  outcome: string | null
  certainty: string
}): Fate {
  if (outcome === 'true' || outcome === 'false') return outcome
  if (certainty === 'withdrawn') return 'withdrawn'
  return outcome === 'unresolved' ? 'unresolved' : 'unjudged'
}

/** Of a time from `from` to `to`, epoch milliseconds. */
export type Bar = { from: number; to: number; counts: Counts }

/** What was counted in small steps, put into `edges`: each bar begins at one and ends at the next. */
export function barsOf(edges: readonly number[], density: readonly Density[]): Bar[] {
  const bars = edges.slice(0, -1).map((from, i) => ({ from, to: edges[i + 1]!, counts: NONE }))
  let i = 0
  for (const step of density) {
    while (i < bars.length - 1 && step.at >= bars[i]!.to) i++
    const bar = bars[i]
    if (bar) bar.counts = added(bar.counts, step)
  }
  return bars
}
