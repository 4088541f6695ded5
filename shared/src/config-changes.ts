import { ConfigFault } from './errors.ts'

/**
 * Paths of what differs between two configurations, as `match.cooldown`; below a path of `whole` no
 * deeper than that.
 */
export function changedPaths(before: unknown, after: unknown, whole: readonly string[]): string[] {
  const paths = (one: unknown, other: unknown, path: string): string[] => {
    if (JSON.stringify(one) === JSON.stringify(other)) return []
    if (whole.includes(path) || !isRecord(one) || !isRecord(other)) return [path]
    const keys = new Set([...Object.keys(one), ...Object.keys(other)])
    return [...keys].flatMap((key) => paths(one[key], other[key], path ? `${path}.${key}` : key))
  }
  return paths(before, after, '')
}

/**
 * What differs between two configurations, all of it below a path of `live`. Throws ConfigFault
 * `config.fixed`, naming the rest, where a running program cannot take all of it over.
 */
export function liveChanges(before: unknown, after: unknown, live: readonly string[]): string[] {
  const changed = changedPaths(before, after, live)
  const fixed = changed.filter((path) => !live.includes(path))
  if (fixed.length === 0) return changed
  throw new ConfigFault('config.fixed', `cannot change while it runs: ${fixed.sort().join(', ')}`, {
    hint: 'nothing was taken over; start the program anew, or put these back as they were',
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
