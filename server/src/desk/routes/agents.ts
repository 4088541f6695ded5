import type { Caller } from '../../operators/caller.ts'
import type { AgentRecord } from '../../store/agents.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

export type AgentStatus = AgentRecord & {
  connected: boolean
  /** Messages that never came: dropped for want of room, or for their age. */
  lost: number
}

/** Agents that were ever welcome, and which are here now. */
export async function agentRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, connected, lost } = options

  app.get(
    '/agents',
    {
      config: { needs: 'agents.view' },
      schema: { summary: 'Agents that were ever welcome, and which are here now' },
    },
    async ({ caller }): Promise<AgentStatus[]> => {
      const here = new Set(connected())
      const agents = (await store.agents.all()).filter(({ name }) => sees(caller, name))
      return agents.map((agent) => ({
        ...agent,
        cameras: agent.cameras.filter((camera) => caller.seesCamera(agent.name, camera)),
        connected: here.has(agent.name),
        lost: lost(agent.name),
      }))
    },
  )
}

/** An agent is there for whoever sees a camera of it. */
function sees({ scope }: Caller, agent: string): boolean {
  return scope.cameras === null || scope.cameras.some((camera) => camera.startsWith(`${agent}/`))
}
