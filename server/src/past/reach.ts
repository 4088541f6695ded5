import type { Kept } from '../store/past/sightings.ts'
import type { CameraId, PastPolicy } from './policy.ts'

/** Which walks one search may see. */
export type Reach = {
  since: number
  until: number
  /** From when on walks past a camera may be seen; Infinity where none may. */
  from(place: CameraId): number
  allows(kept: Pick<Kept, 'agent' | 'camera' | 'from' | 'until'>): boolean
}

export type ReachOptions = {
  /** Of the lists that the search is for: nobody sees for one what is kept for another. */
  policies: readonly PastPolicy[]
  /** Whether a camera is asked about, by somebody who may. */
  asks: (place: CameraId) => boolean
  since: number
  until: number
  now: number
}

export function reachOf({ policies, asks, since, until, now }: ReachOptions): Reach {
  const asking = policies.filter(({ keepFor }) => keepFor > 0)
  const known = new Map<string, number>()
  const from = (place: CameraId) => {
    const key = `${place.agent}/${place.camera}`
    const before = known.get(key)
    if (before !== undefined) return before
    const watching = asks(place) ? asking.filter((policy) => policy.watches(place)) : []
    const at = now - Math.max(Number.NEGATIVE_INFINITY, ...watching.map((one) => one.keepFor))
    known.set(key, at)
    return at
  }
  return {
    since,
    until,
    from,
    allows: (kept) =>
      kept.from >= from(kept) &&
      kept.until >= since &&
      kept.from <= until &&
      asking.some(({ keepFor, applies }) => {
        return kept.from >= now - keepFor && applies(kept, kept.from)
      }),
  }
}
