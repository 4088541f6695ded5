import { FAR_SIDE } from '@vedette/models/models'
import { type Embedding, norm, similarity } from '@vedette/shared/embedding'
import { rowsOf } from '../gallery/centre.ts'
import { weightOf } from '../matching/walk.ts'

/** What an entry was matched by. */
export type Held = { id: string; vector: Embedding; far: Embedding | undefined }

/** A walk as far as one frame: the direction of the sum of its probes. */
export type Fused = { probe: Embedding; coherence: number; side: number }

/** A frame with its own probe and what its walk was with it. */
export type Seen = Fused & { own: Embedding; quality: number; weight: number; chips: number }

/** The score of a walk against an entry, as the server computes it. */
export function scoreOf({ probe, coherence, side }: Fused, held: readonly Held[]): number {
  const rows = rowsOf(held.map((template) => ({ ...template, entryId: '', list: '' })))
  const within = rows.filter(({ far }) => !far || side < FAR_SIDE)
  const best = Math.max(...within.map(({ vector }) => similarity(vector, probe)))
  return best * Math.sqrt(coherence)
}

/** How far `next` is from what `before` is with its own probe added; the length of the difference. */
export function jump(before: Seen | undefined, next: Seen): number {
  const added = weightOf(next.quality)
  const sum = next.probe.map((value) => value * next.coherence * next.weight)
  const expected = next.own.map((value, i) => {
    const was = before === undefined ? 0 : before.probe[i]! * before.coherence * before.weight
    return was + added * value
  })
  return norm(sum.map((value, i) => value - expected[i]!)) / next.weight
}

/**
 * The walk of `frame` with other probes in the place of those of `frames`, which are of its chips, up
 * to it: `again` holds them in the same order.
 */
export function replaced(frame: Seen, frames: readonly Seen[], again: readonly Embedding[]): Fused {
  const sum = frame.probe.map((value) => value * frame.coherence * frame.weight)
  for (const [k, { own, quality }] of frames.entries()) {
    const weight = weightOf(quality)
    for (let i = 0; i < sum.length; i++) sum[i]! += weight * (again[k]![i]! - own[i]!)
  }
  const size = norm(sum)
  return {
    probe: sum.map((value) => value / size),
    coherence: Math.min(1, size / frame.weight),
    side: frame.side,
  }
}
