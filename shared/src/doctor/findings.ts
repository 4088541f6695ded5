import { codeOf, Fault, messageOf } from '../errors.ts'

/** What was found out about one thing, and what to do where it is not as it should be. */
export type Finding = {
  check: string
  state: 'ok' | 'warn' | 'fail'
  found: string
  todo?: string | undefined
}

/** Looks at one thing; what it throws is what is wrong. */
export type Check = { name: string; look: () => Promise<Omit<Finding, 'check'>> }

export const ok = (found: string) => ({ state: 'ok' as const, found })
export const warn = (found: string, todo: string) => ({ state: 'warn' as const, found, todo })
export const fail = (found: string, todo: string) => ({ state: 'fail' as const, found, todo })

/** Looks at everything, one after the other; never throws. */
export async function examine(checks: readonly Check[]): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { name, look } of checks) {
    try {
      findings.push({ check: name, ...(await look()) })
    } catch (error) {
      const todo = error instanceof Fault ? error.hint : undefined
      const found = `${messageOf(error)} [${codeOf(error)}]`
      findings.push({ check: name, state: 'fail', found, ...(todo && { todo }) })
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
