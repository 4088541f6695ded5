import { FAR_SIDE } from '@vedette/models/models'
import { type Embedding, similarity } from '@vedette/shared/embedding'
import type { Evidence } from '../probe.ts'
import type { Kept } from '../store/past/sightings.ts'
import type { Bar } from './bar.ts'
import type { KeptIndex } from './kept-index.ts'
import type { Reach } from './reach.ts'

/** What somebody looks like, near and from afar. */
export type Looks = { near: readonly Embedding[]; far: readonly Embedding[] }

/** A walk that reaches what it must, or `slack` less. */
export type Trace = { kept: Kept; score: number; needed: number }

/** The walks in `index` in `reach` that look like it, best first. */
export async function lookBack(
  index: KeptIndex,
  { near, far }: Looks,
  { reach, bar, slack = 0 }: { reach: Reach; bar: Bar; slack?: number },
): Promise<{ traces: Trace[]; more: boolean }> {
  const places = index.places.filter((place) => reach.from(place) < reach.until)
  // No walk needs less, whatever its face.
  const least = Math.min(Number.POSITIVE_INFINITY, ...places.map((place) => bar(place))) - slack
  const [close, away] = await Promise.all([index.search(near, least), index.search(far, least)])
  const best = new Map<string, Trace>()
  const offer = ({ kept, score: raw }: { kept: Kept; score: number }) => {
    if (!reach.allows(kept)) return
    const score = raw * Math.sqrt(kept.coherence)
    const needed = bar(kept, kept.side)
    if (score < needed - slack || score <= (best.get(kept.id)?.score ?? -1)) return
    best.set(kept.id, { kept, score, needed })
  }
  for (const reached of close.found) offer(reached)
  for (const reached of away.found) if (reached.kept.side < FAR_SIDE) offer(reached)
  const traces = [...best.values()].toSorted((p, q) => q.score - p.score)
  return { traces, more: close.enough || away.enough }
}

/** The similarity of a walk under way, as matching has it. */
export function likenessOf({ probe, coherence, side }: Evidence, { near, far }: Looks): number {
  const held = side < FAR_SIDE ? [...near, ...far] : near
  const best = held.reduce((most, vector) => Math.max(most, similarity(vector, probe)), -1)
  return best * Math.sqrt(coherence)
}
