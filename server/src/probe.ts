import type { Embedding } from '@vedette/shared/embedding'
import type { Match } from '@vedette/shared/message'

/** One question of an agent, checked: `probe` is a unit vector of the gallery's space. */
export type Probe = {
  agent: string
  receivedAt: number
  probe: Embedding
} & Pick<Match, 'camera' | 'track' | 'shot' | 'capturedAt' | 'box' | 'quality' | 'chip'>
