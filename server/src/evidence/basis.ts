import type { Dossier } from './dossier.ts'

/** A dossier without what anybody looks like: for people who look at an alert. */
export type Basis = Omit<Dossier, 'templates' | 'walk'> & {
  templates: string[]
  walk: Omit<Dossier['walk'], 'probe'>
}

export function basisOf({ templates, walk, ...rest }: Dossier): Basis {
  const { probe: _, ...seen } = walk
  return { ...rest, templates: templates.map(({ id }) => id), walk: seen }
}
