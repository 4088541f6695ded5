import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Service } from '@vedette/shared/service/command'
import { refuseHidden } from '@vedette/shared/service/steps'
import { type UnitOptions, unitText } from '@vedette/shared/service/unit'
import type { AgentConfig } from './config.ts'

export const AGENT_UNIT = 'vedette-agent.service'

export type AgentPlace = {
  /** The program, and what it needs before its own arguments. */
  exec: readonly string[]
  user: string
  /** The configuration file; paths in it are taken from its folder. */
  file: string
  /** Where credentials, models and the outbox lie. */
  state: string
  configuration?: string | undefined
  /** Cameras plugged in here. */
  video: boolean
  /** Lets bubblewrap shut ffmpeg in, at the price of namespaces for the whole service. */
  nests: boolean
}

/** The unit of an agent. Its key is no credential of systemd's: the agent itself replaces it. */
export function agentUnit(place: AgentPlace): string {
  const { exec, file, user, state, configuration, video, nests } = place
  const options: UnitOptions = {
    description: 'Vedette agent',
    exec: [...exec, 'run', '--config', file],
    user,
    group: user,
    state,
    configuration,
    needs: [file],
    environment: { NODE_ENV: 'production' },
    memoryMax: '75%',
    cpuQuota: 800,
    tasksMax: 1024,
    video,
    nests,
  }
  return unitText(options)
}

/** The agent as a service. Throws ConfigFault where its user could not read the program. */
export function agentService(place: AgentPlace): Service {
  refuseHidden(place.exec)
  const { user, state } = place
  const names = ['chain.pem', 'key.pem', 'roots.pem', 'agent.yaml', 'models']
  const owned = names.map((name) => join(state, name)).filter((path) => existsSync(path))
  return { text: agentUnit(place), user, state, owned }
}

/** Whether a camera is plugged in here. */
export function usesVideo(cameras: AgentConfig['cameras']): boolean {
  return Object.values(cameras).some(
    ({ source: { kind } }) => kind === 'device' || kind === 'snapshot',
  )
}
