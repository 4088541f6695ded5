import type { Operator } from '../store/operators/operators.ts'
import type { Role } from './roles.ts'

/** Lists and cameras that a person's work is confined to; null is all of them. */
export type Scope = {
  lists: readonly string[] | null
  /** AGENT/CAMERA, or AGENT/* for every camera of an agent. */
  cameras: readonly string[] | null
}

/** Who asks, and what is there for them: what they do not see is not found. */
export type Caller = {
  name: string
  role: Role
  scope: Scope
  sees(list: string): boolean
  seesCamera(agent: string, camera: string): boolean
}

export function callerOf({ name, role, lists, cameras }: Operator): Caller {
  return {
    name,
    role,
    scope: { lists, cameras },
    sees: (list) => lists === null || lists.includes(list),
    seesCamera: (agent, camera) =>
      cameras === null || cameras.includes(`${agent}/*`) || cameras.includes(`${agent}/${camera}`),
  }
}
