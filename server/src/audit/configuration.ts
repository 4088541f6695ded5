import { createHash } from 'node:crypto'
import type { JsonObject } from './act.ts'

/** Hashes of a configuration and of each of its sections: they tell what changed, not what it says. */
export type ConfigurationHash = { whole: string; sections: Record<string, string> }

const SECTION_DIGITS = 16

export function configurationHash(config: object): ConfigurationHash {
  const sections = Object.entries(config).map(([name, value]) => [
    name,
    sha256(JSON.stringify(value)).slice(0, SECTION_DIGITS),
  ])
  return { whole: sha256(JSON.stringify(config)), sections: Object.fromEntries(sections) }
}

/** Sections that differ from what was recorded of a configuration before. */
export function changedSections(before: JsonObject, { sections }: ConfigurationHash): string[] {
  const known = (before.sections ?? {}) as Record<string, string>
  const names = new Set([...Object.keys(known), ...Object.keys(sections)])
  return [...names].filter((name) => known[name] !== sections[name]).sort()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
