import { codeOf, Fault, type FaultParams, messageOf } from '../errors.ts'

/** What is found where nothing fails by itself, for whoever says it in another language. */
export const DOCTOR_CODES = [
  'doctor.certificate.broken',
  'doctor.certificate.early',
  'doctor.certificate.ended',
  'doctor.certificate.good',
  'doctor.certificate.late',
  'doctor.clock.kept',
  'doctor.clock.loose',
  'doctor.clock.unknown',
  'doctor.configuration.good',
  'doctor.disk.enough',
  'doctor.disk.little',
  'doctor.list.long',
  'doctor.list.short',
  'doctor.memory.enough',
  'doctor.memory.little',
  'doctor.secret.open',
  'doctor.secret.own',
  'doctor.service.bare',
  'doctor.service.failed',
  'doctor.service.missing',
  'doctor.service.restarted',
  'doctor.service.stopped',
  'doctor.service.up',
  'doctor.shown.expired',
  'doctor.shown.good',
  'doctor.shown.soon',
  'doctor.vault.credential',
  'doctor.vault.file',
  'doctor.vault.passphrase',
] as const

type DoctorCode = (typeof DOCTOR_CODES)[number]

/** What was found out about one thing, and what to do where it is not as it should be. */
export type Finding = {
  check: string
  state: 'ok' | 'warn' | 'fail'
  found: string
  todo?: string | undefined
  /** A DoctorCode, or of what failed by itself the code of the fault; its names and numbers. */
  code?: string | undefined
  params?: FaultParams | undefined
}

type Said = Pick<Finding, 'code' | 'params'>

/** Looks at one thing; what it throws is what is wrong. */
export type Check = { name: string; look: () => Promise<Omit<Finding, 'check'>> }

export const ok = (found: string, said: Said = {}) => ({ state: 'ok' as const, found, ...said })
export const warn = (found: string, todo: string, said: Said = {}) =>
  ({ state: 'warn', found, todo, ...said }) as const
export const fail = (found: string, todo: string, said: Said = {}) =>
  ({ state: 'fail', found, todo, ...said }) as const
/** How a finding is said elsewhere. */
export const as = (code: DoctorCode, params?: FaultParams): Said => ({
  code,
  ...(params && { params }),
})

/** Looks at everything, one after the other; never throws. */
export async function examine(checks: readonly Check[]): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { name, look } of checks) {
    try {
      findings.push({ check: name, ...(await look()) })
    } catch (error) {
      const todo = error instanceof Fault ? error.hint : undefined
      const found = `${messageOf(error)} [${codeOf(error)}]`
      const said = error instanceof Fault ? as(error.code, error.params) : {}
      findings.push({ check: name, state: 'fail', found, ...(todo && { todo }), ...said })
    }
  }
  return findings
}

/** A line for each, and under it what to do. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length))
  return findings
    .flatMap(({ check, state, found, todo }) => [
      `${state.padEnd(4)}  ${check.padEnd(width)}  ${found.replaceAll('\n', `\n${' '.repeat(width + 8)}`)}`,
      ...(todo && state !== 'ok' ? [`${' '.repeat(width + 8)}→ ${todo}`] : []),
    ])
    .join('\n')
}
