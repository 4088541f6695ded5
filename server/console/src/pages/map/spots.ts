import type { CameraStatus } from '@vedette/server/cameras/known'
import type { Colour } from '@vedette/server/cameras/state'
import type { NamedAlert } from '@vedette/server/desk/named'
import type { CameraPlace, View } from '@vedette/server/store/places'
import type { FloorPlan } from '@vedette/server/store/plans'
import { nameOf, RANK } from '../../cameras/words.ts'

/** The earth, or one floor. */
export type Layer = 'earth' | FloorPlan

/** What is dragged from the list onto the map: the name of a camera. */
export const CAMERA = 'application/x-vedette-camera'

/** A camera with all that the map tells of it. */
export type Spot = {
  /** AGENT/CAMERA. */
  name: string
  agent: string
  camera: string
  /** Undefined where it was placed and never announced. */
  status: CameraStatus | undefined
  place: CameraPlace | undefined
  /** Open ones, the latest first. */
  alerts: readonly NamedAlert[]
}

export const NO_VIEW: View = { bearing: null, fieldOfView: null, range: null }

/** Nobody knows better than that it is not sure. */
export const stateOf = ({ status }: Spot): Colour => status?.state ?? 'amber'

/** The worst first, and those with alerts before the others. */
export function spotsOf(
  cameras: readonly CameraStatus[],
  places: readonly CameraPlace[],
  alerts: readonly NamedAlert[],
): Spot[] {
  const spots = new Map<string, Spot & { alerts: NamedAlert[] }>()
  const spotOf = (one: { agent: string; camera: string }) => {
    const name = nameOf(one)
    const { agent, camera } = one
    const nothing = { status: undefined, place: undefined, alerts: [] }
    const spot = spots.get(name) ?? { name, agent, camera, ...nothing }
    spots.set(name, spot)
    return spot
  }
  for (const place of places) spotOf(place).place = place
  for (const status of cameras) spotOf(status).status = status
  for (const alert of alerts) spots.get(nameOf(alert))?.alerts.push(alert)
  return [...spots.values()].sort(
    (p, q) =>
      q.alerts.length - p.alerts.length ||
      RANK[stateOf(p)] - RANK[stateOf(q)] ||
      p.name.localeCompare(q.name),
  )
}

/** Whether it is somewhere on `layer`. */
export function isOn({ place }: Spot, layer: Layer): boolean {
  if (layer === 'earth') return Boolean(place?.place)
  return place?.plan?.plan === layer.id
}

/** Whether all of `words` occur in its name or its address. */
export function matches({ name, place }: Spot, words: string): boolean {
  const text = `${name} ${place?.address ?? ''}`.toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
