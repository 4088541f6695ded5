import { Tracker } from '@vedette/agent/lookout/tracker'
import type { Detection } from '@vedette/models/detection'
import type { Box } from '@vedette/models/geometry'

/** Where a face is at scene time `t` (seconds), if it is seen: its centre, size and score. */
export type Walker = (
  t: number,
) => { x: number; y: number; size: number; score?: number } | undefined

/** Goes straight from one place to another. Places are centre and size, pixels; times seconds. */
export function straight(
  from: { at: number; x: number; y: number; size: number },
  to: { at: number; x: number; y: number; size: number },
): Walker {
  return (t) => {
    if (t < from.at || t > to.at) return undefined
    const share = (t - from.at) / (to.at - from.at)
    const between = (a: number, b: number) => a + (b - a) * share
    return {
      x: between(from.x, to.x),
      y: between(from.y, to.y),
      size: between(from.size, to.size),
    }
  }
}

/** `walker`, but not seen from `from` to `to`. */
export function hidden(walker: Walker, from: number, to: number): Walker {
  return (t) => (t > from && t < to ? undefined : walker(t))
}

/** `walker` as a detector has it: place and size shake by this share of its size. */
export function jittered(walker: Walker, random: () => number, share = 0.08): Walker {
  const shake = (size: number) => (random() - 0.5) * 2 * share * size
  return (t) => {
    const place = walker(t)
    if (place === undefined) return undefined
    const { x, y, size } = place
    return { ...place, x: x + shake(size), y: y + shake(size), size: size + shake(size) }
  }
}

export function boxAt({ x, y, size }: { x: number; y: number; size: number }): Box {
  return { x: x - size / 2, y: y - size / 2, width: size, height: size }
}

export type Followed = {
  /** The track of each walker in each frame; undefined where it was not seen or has none. */
  ids: (string | undefined)[][]
  /** Tracks started in all. */
  tracks: number
}

/** Follows walkers at `fps` and tells which track each was given, in every frame. */
export function follow(
  walkers: readonly Walker[],
  { seconds, fps = 5, minScore = 0.45 }: { seconds: number; fps?: number; minScore?: number },
): Followed {
  let tracks = 0
  const tracker = new Tracker({ minScore, newId: () => `t${++tracks}` })
  const ids: (string | undefined)[][] = walkers.map(() => [])
  for (let frame = 0; frame <= seconds * fps; frame++) {
    const t = frame / fps
    const seen = walkers.map((walker): Detection | undefined => {
      const place = walker(t)
      return place && { box: boxAt(place), score: place.score ?? 0.9 }
    })
    const there = seen.filter((detection) => detection !== undefined)
    const tracked = tracker.update(there, t * 1000)
    for (const [i, detection] of seen.entries()) {
      ids[i]!.push(tracked.find((pair) => pair.detection === detection)?.track.id)
    }
  }
  return { ids, tracks }
}

/** The tracks that a walker was given, each once, in order. */
export function tracksOf(ids: readonly (string | undefined)[]): string[] {
  return [...new Set(ids.filter((id) => id !== undefined))]
}
