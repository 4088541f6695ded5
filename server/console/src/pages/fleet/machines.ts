import type { CertificateStatus, CertsStatus } from '@vedette/server/authority/status'
import type { CameraStatus } from '@vedette/server/cameras/known'
import type { Colour } from '@vedette/server/cameras/state'
import type { AgentStatus } from '@vedette/server/desk/answered/agents'
import type { CameraCourse, FleetCourse } from '@vedette/server/desk/answered/fleet'
import { nameOf, RANK } from '../../cameras/words.ts'

export type Eye = { name: string; status: CameraStatus; course: CameraCourse | undefined }

/** An agent with its cameras and its certificate. */
export type Machine = {
  name: string
  /** Undefined where cameras of it are known and it never said hello to this database. */
  agent: AgentStatus | undefined
  eyes: readonly Eye[]
  certificate: CertificateStatus | undefined
  state: Colour
}

/** The worst first. */
export function machinesOf(
  agents: readonly AgentStatus[],
  cameras: readonly CameraStatus[],
  course: FleetCourse | undefined,
  certs: CertsStatus | undefined,
): Machine[] {
  const courses = new Map(course?.cameras.map((one) => [nameOf(one), one]))
  const eyesOf = new Map<string, Eye[]>(agents.map(({ name }) => [name, []]))
  for (const status of cameras) {
    const eye = { name: nameOf(status), status, course: courses.get(nameOf(status)) }
    eyesOf.set(status.agent, [...(eyesOf.get(status.agent) ?? []), eye])
  }
  const machines = [...eyesOf].map(([name, those]) => {
    const agent = agents.find((one) => one.name === name)
    const eyes = those.sort((p, q) => RANK[p.status.state] - RANK[q.status.state])
    const certificate = certs?.certificates.find((one) => one.role === 'agent' && one.name === name)
    return { name, agent, eyes, certificate, state: stateOf(agent, eyes, certificate) }
  })
  return machines.sort((p, q) => RANK[p.state] - RANK[q.state] || p.name.localeCompare(q.name))
}

function stateOf(
  agent: AgentStatus | undefined,
  eyes: readonly Eye[],
  certificate: CertificateStatus | undefined,
): Colour {
  const states = eyes.map(({ status }) => status.state)
  if (states.includes('red') || certificate?.state === 'expired') return 'red'
  const doubtful = !agent?.connected || (certificate !== undefined && certificate.state !== 'good')
  if (doubtful || states.includes('amber')) return 'amber'
  return 'green'
}

/** Milliseconds in which nobody could rely on a camera. */
export function blindOf({ blind }: CameraCourse['day']): number {
  return Object.values(blind).reduce((sum, ms) => sum + (ms ?? 0), 0)
}
