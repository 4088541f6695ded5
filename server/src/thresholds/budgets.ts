/** A camera of an agent. */
export type CameraId = { agent: string; camera: string }

export type Scope = 'server' | 'list' | 'camera'

/** Whom a budget is for: `target` is '' for the server, a list, or AGENT/CAMERA. */
export type BudgetPlace = { scope: Scope; target: string }

/** A budget that an operator has set: false alerts per camera and week. */
export type Budget = BudgetPlace & { budget: number; setBy: string; setAt: number }

/** The budget that holds, and where it was found; 'file' is server.yaml. */
export type Holding = { budget: number; scope: Scope | 'file'; target: string }

/** AGENT/CAMERA; an agent's name has no slash. */
export function cameraTarget({ agent, camera }: CameraId): string {
  return `${agent}/${camera}`
}

/** The budget for alerts about somebody on `list` at a camera: the nearest one set, else `usual`. */
export function holdingFor(
  budgets: readonly Budget[],
  place: CameraId & { list: string | null },
  usual: number,
): Holding {
  const places: BudgetPlace[] = [
    { scope: 'camera', target: cameraTarget(place) },
    ...(place.list === null ? [] : [{ scope: 'list' as const, target: place.list }]),
    { scope: 'server', target: '' },
  ]
  const [found] = places.flatMap((wanted) => budgets.find((set) => isAt(set, wanted)) ?? [])
  if (found === undefined) return { budget: usual, scope: 'file', target: '' }
  const { budget, scope, target } = found
  return { budget, scope, target }
}

/** `budgets` with the one at `place` replaced, or gone where `next` is undefined. */
export function changed(
  budgets: readonly Budget[],
  place: BudgetPlace,
  next: Budget | undefined,
): Budget[] {
  return [...budgets.filter((set) => !isAt(set, place)), ...(next === undefined ? [] : [next])]
}

export function isAt(
  budget: { scope: string; target: string },
  { scope, target }: BudgetPlace,
): boolean {
  return budget.scope === scope && budget.target === target
}
