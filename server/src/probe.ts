import type { Embedding } from '@vedette/shared/embedding'
import type { Match } from '@vedette/shared/message'

/** One question of an agent, checked: `probe` is a unit vector of `space`. */
export type Probe = {
  agent: string
  /** The embedding space that the agent spoke when it made the probe. */
  space: string
  receivedAt: number
  probe: Embedding
} & Pick<Match, 'camera' | 'track' | 'shot' | 'capturedAt' | 'box' | 'quality' | 'chip' | 'canary'>

/** What the chips of a walk say together. */
export type Evidence = {
  /** The direction of their sum, each weighing as much as its quality. */
  probe: Embedding
  /** Length of their weighted mean, (0, 1]: 1 where all chips are alike. */
  coherence: number
  chips: number
  /** Longer side of the largest face, pixels of its frame. */
  side: number
}
