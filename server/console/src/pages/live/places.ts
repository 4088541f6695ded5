/** How many tiles there can be. */
export const SIZES = [1, 2, 4, 9] as const
export type Size = (typeof SIZES)[number]

/** What stands in each tile: AGENT/CAMERA, or nothing. */
export type Places = readonly (string | undefined)[]

const NAME = /^[a-z0-9-]+\/[a-z0-9-]+$/

/** The tiles as the address of the page says. */
export function placesOf({ cameras = '', tiles = '' }: Record<string, string>): Places {
  const named = cameras
    .split(',')
    .slice(0, 9)
    .map((name) => (NAME.test(name) ? name : undefined))
  const size =
    SIZES.find((one) => String(one) === tiles) ?? SIZES.find((one) => one >= named.length)
  return sized(once(named), size ?? 9)
}

/** The address that shows `places`. */
export function addressOf(places: Places): string {
  const names = places.map((name) => name ?? '').join(',')
  return `/live?cameras=${names.replace(/,+$/, '')}&tiles=${places.length}`
}

/** So many tiles; what does not fit any more goes. */
export function sized(places: Places, size: Size): Places {
  const named = places.filter((name) => name !== undefined)
  const kept = named.length > size || places.length > size ? named : places
  return Array.from({ length: size }, (_, i) => kept[i])
}

/** `camera` in tile `at`, or else in the first that is free, or the last; what was there takes its place. */
export function put(places: Places, camera: string, at?: number): Places {
  const free = places.indexOf(undefined)
  const to = at ?? (free < 0 ? places.length - 1 : free)
  const from = places.indexOf(camera)
  const next = [...places]
  if (from >= 0) next[from] = places[to]
  next[to] = camera
  return next
}

/** Tiles beside each other, by how many there are. */
const ACROSS: Record<number, number> = { 1: 1, 2: 2, 4: 2, 9: 3 }

/**
 * `camera` moved to where an arrow points, in the way one reads: left and right go on in the next row.
 * What was there takes its place; where there is no such tile nothing moves.
 */
export function moved(places: Places, camera: string, arrow: Arrow): Places {
  const from = places.indexOf(camera)
  const across = ACROSS[places.length] ?? 1
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[arrow]
  const to = from + by
  return from < 0 || to < 0 || to >= places.length ? places : put(places, camera, to)
}

export type Arrow = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown'

export function isArrow(key: string): key is Arrow {
  return ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'].includes(key)
}

export function take(places: Places, camera: string): Places {
  return places.map((name) => (name === camera ? undefined : name))
}

function once(names: Places): Places {
  return names.map((name, i) => (names.indexOf(name) === i ? name : undefined))
}
