import type { FastifyInstance } from 'fastify'
import type { AgentRecord } from '../../store/agents.ts'
import type { DeskParts } from '../parts.ts'

export type AgentStatus = AgentRecord & {
  connected: boolean
  /** Messages that never came: dropped for want of room, or for their age. */
  lost: number
}

/** Agents that were ever welcome, and which are here now. */
export async function agentRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { store, connected, lost } = options

  app.get('/agents', { config: { needs: 'agents.view' } }, async (): Promise<AgentStatus[]> => {
    const here = new Set(connected())
    return (await store.agents.all()).map((agent) => ({
      ...agent,
      connected: here.has(agent.name),
      lost: lost(agent.name),
    }))
  })
}
