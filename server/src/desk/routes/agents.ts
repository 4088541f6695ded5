import { codeOf, Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import type { Hand } from '../../hand.ts'
import type { Caller } from '../../operators/caller.ts'
import type { AgentStatus } from '../answered/agents.ts'
import { agentAnswer } from '../answers/agents.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

/** Agents that were ever welcome, and which are here now. */
export async function agentRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, connected, lost, spoken } = options
  const { course } = options.watchfulness.cameras

  app.get(
    '/agents',
    {
      config: { needs: 'agents.view' },
      schema: {
        summary: 'Agents that were ever welcome, and which are here now',
        answers: { 200: z.array(agentAnswer) },
      },
    },
    async ({ caller }): Promise<AgentStatus[]> => {
      const [here, spaces] = [new Set(connected()), spoken()]
      const agents = (await store.agents.all()).filter(({ name }) => sees(caller, name))
      return agents.map((agent) => ({
        ...agent,
        cameras: agent.cameras.filter((camera) => caller.seesCamera(agent.name, camera)),
        connected: here.has(agent.name),
        lost: lost(agent.name),
        space: spaces.get(agent.name) ?? null,
        fares: (here.has(agent.name) && course.agent(agent.name)) || null,
      }))
    },
  )

  /** The machine is gone for good: it is let in no more, and nobody misses its cameras. */
  app.delete(
    '/agents/:agent',
    {
      config: { needs: 'agents.manage', grave: true },
      schema: {
        summary: 'Retire an agent for good',
        answers: { 204: null },
        params: z.object({ agent: z.string() }),
      },
    },
    async ({ params, caller, hand }, reply) => {
      const { agent: name } = params
      const known = (await store.agents.all()).find((agent) => agent.name === name)
      if (known === undefined || !seesAll(caller, name)) throw agentNotFound(name)
      await retire(options, name, hand)
      return reply.code(204).send()
    },
  )
}

function seesAll({ scope }: Caller, agent: string): boolean {
  return scope.cameras === null || scope.cameras.includes(`${agent}/*`)
}

async function retire(parts: DeskParts, name: string, hand: Hand): Promise<void> {
  const { store, registrar, watchfulness, places, clock } = parts
  const { cameras } = watchfulness
  const target = { role: 'agent', name } as const
  await registrar.revoke(target, hand.why ?? 'retired', hand.by).catch((error) => {
    // Nothing of it is valid any more, or ever was: so much the better.
    if (!ENDED.has(codeOf(error))) throw error
  })
  for (const { agent, camera } of cameras.all()) {
    if (agent !== name) continue
    await cameras.forget({ agent, camera }, hand)
    await places.forget({ agent, camera })
  }
  await store.agents.forget(name, hand, clock.now())
}

const ENDED: ReadonlySet<string> = new Set(['certificate.not-found', 'certificate.wrong-state'])

function agentNotFound(name: string): Refusal {
  return new Refusal('agent.not-found', `no agent ${name}`, {
    hint: 'see: vedette agents list',
    params: { agent: name },
  })
}

/** An agent is there for whoever sees a camera of it. */
function sees({ scope }: Caller, agent: string): boolean {
  return scope.cameras === null || scope.cameras.some((camera) => camera.startsWith(`${agent}/`))
}
