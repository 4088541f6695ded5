import type { Embedding } from '@vedette/shared/embedding'
import type { Match } from '@vedette/shared/message'

/** One question of an agent, checked: `probe` is a unit vector of `space`. */
export type Probe = {
  agent: string
  /** The embedding space that the agent spoke when it made the probe. */
  space: string
  receivedAt: number
  /** By the server's clock. */
  capturedAt: number
  probe: Embedding
} & Pick<Match, 'camera' | 'track' | 'shot' | 'box' | 'quality' | 'chip' | 'canary'>

/** What arrives later than this after it was captured is told as what was, not as what is. */
const LATE_MS = 10_000

export function isLate({
  capturedAt,
  receivedAt,
}: Pick<Probe, 'capturedAt' | 'receivedAt'>): boolean {
  return receivedAt - capturedAt > LATE_MS
}

/** What the chips of a walk say together. */
export type Evidence = {
  /** The direction of their sum, each weighing as much as its quality. */
  probe: Embedding
  /** Length of their weighted mean, (0, 1]: 1 where all chips are alike. */
  coherence: number
  chips: number
  /** What they weigh together, where that is known: a chip weighs as much as its quality. */
  weight?: number
  /** Longer side of the largest face, pixels of its frame. */
  side: number
}
