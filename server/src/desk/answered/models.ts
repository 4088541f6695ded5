import type { Advice } from '../../spaces/advice.ts'
import type { SpaceStatus } from '../../spaces/change.ts'

/** The embedding spaces in use, who speaks them, and what should be said of the list. */
export type ModelsStatus = {
  active: string
  spaces: SpaceStatus[]
  /** Agents that are connected, by the space that they speak. */
  agents: Record<string, string[]>
  advice: Advice | null
}
