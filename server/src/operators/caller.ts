import type { Operator } from '../store/operators/operators.ts'
import type { Role } from './roles.ts'
import type { Scope } from './scope.ts'

/** Who asks, and what is there for them: what they do not see is not found. */
export type Caller = {
  name: string
  role: Role
  scope: Scope
  sees(list: string): boolean
  seesCamera(agent: string, camera: string): boolean
  /** Of a screen on the wall: lists of which it shows that something waits, though not about whom. */
  boards?(list: string): boolean
}

/** The same, as far as a board is concerned. */
export function atBoard(caller: Caller): Caller {
  return { ...caller, sees: (list) => caller.sees(list) || (caller.boards?.(list) ?? false) }
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
