import type { AgentFares } from '../../cameras/course.ts'
import type { AgentRecord } from '../../store/agents.ts'

export type AgentStatus = AgentRecord & {
  connected: boolean
  /** Messages that never came: dropped for want of room, or for their age. */
  lost: number
  /** The embedding space that it asks in; null while it is away. */
  space: string | null
  /** What it last said of itself; null: nothing since the server started, or it is away. */
  fares: AgentFares | null
}
