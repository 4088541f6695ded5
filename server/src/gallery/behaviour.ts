import type { Behaviour } from '@vedette/models/cohort'

/**
 * How an entry would do among strangers. Source of the names: Doddington et al. 1998, "Sheep, goats,
 * lambs and wolves", ICSLP.
 */
export type EntryBehaviour = {
  kind: 'ordinary' | 'wolf' | 'lamb' | 'unknown'
  /** How many times as many strangers resemble it as resemble an ordinary entry; null where unknown. */
  timesUsual: number | null
  /** Different people on the list that it would be taken for. */
  taken: number
  words: string
}

/** An entry that so many times more strangers resemble is refused. */
const WOLF = 10
/** It may be taken for one other person: that is a look-alike, or the same one. */
const MOST_TAKEN = 1

export type Known = {
  /** Of each photograph and of what they have in common; undefined where the space has no cohort. */
  behaviours: readonly Behaviour[] | undefined
  taken: number
  /** How alike each photograph is to the other most like it; null for a single one. */
  agreement: readonly (number | null)[]
  /** What a probe must reach to be taken for the entry. */
  threshold: number
}

/** What is to be expected of an entry. */
export function behaviourOf({ behaviours, taken, agreement, threshold }: Known): EntryBehaviour {
  const timesUsual =
    behaviours === undefined ? null : Math.max(...behaviours.map((one) => one.timesUsual))
  const known = { timesUsual, taken }
  const times = timesUsual === null ? '' : `${figure(timesUsual)} times as many strangers`
  if (timesUsual !== null && timesUsual > WOLF) {
    const words = `${times} resemble it as resemble an ordinary entry: it would accuse them`
    return { ...known, kind: 'wolf', words }
  }
  if (taken > MOST_TAKEN) {
    const words = `it would be taken for ${taken} different people on the list`
    return { ...known, kind: 'wolf', words }
  }
  const least = agreement.reduce<number>((low, one) => Math.min(low, one ?? 1), 1)
  if (least < threshold) {
    const words =
      `its own photographs are only ${least.toFixed(3)} alike and ${threshold.toFixed(3)} is needed: ` +
      'it will often be missed, add clearer ones'
    return { ...known, kind: 'lamb', words }
  }
  if (timesUsual === null) {
    const words =
      'how it does among strangers is not known: the model has no cohort (vedette models calibrate)'
    return { ...known, kind: 'unknown', words }
  }
  return { ...known, kind: 'ordinary', words: `${times} resemble it as resemble an ordinary entry` }
}

/** False alerts about a wolf that is enrolled all the same must be so many times rarer. */
export function strictnessFor({ kind, timesUsual }: EntryBehaviour): number {
  return kind === 'wolf' ? Math.ceil(Math.max(WOLF, timesUsual ?? WOLF)) : 1
}

function figure(times: number): string {
  return times >= 10 ? String(Math.round(times)) : times.toFixed(1)
}
