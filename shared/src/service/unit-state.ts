import { runStep } from './steps.ts'

/** How systemd sees a unit. */
export type UnitState = {
  unit: string
  /** `loaded`, `not-found` … */
  load: string
  /** `active`, `inactive`, `failed` … */
  active: string
  sub: string
  /** What the daemon last said of itself. */
  status: string
  restarts: number
  /** `success`, `watchdog`, `exit-code` … */
  result: string
}

const PROPERTIES = ['LoadState', 'ActiveState', 'SubState', 'StatusText', 'NRestarts', 'Result']

/** Asks systemd. Throws Unavailable `service.failed` where there is none. */
export async function unitState(unit: string): Promise<UnitState> {
  const argv = ['systemctl', 'show', unit, `--property=${PROPERTIES.join(',')}`] as const
  return parseUnitState(unit, await runStep({ argv: [...argv] }))
}

/** Reads what `systemctl show` prints. */
export function parseUnitState(unit: string, text: string): UnitState {
  const of = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? ''
  return {
    unit,
    load: of('LoadState'),
    active: of('ActiveState'),
    sub: of('SubState'),
    status: of('StatusText'),
    restarts: Number(of('NRestarts')),
    result: of('Result'),
  }
}
