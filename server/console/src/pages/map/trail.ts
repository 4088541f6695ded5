import type { Trail, TrailPoint } from '@vedette/server/desk/answered/trail'
import * as L from 'leaflet'
import { nameOf } from '../../cameras/words.ts'
import type { Ground } from './ground.ts'
import type { Spot } from './spots.ts'

/** A sighting that can be shown upon a ground. */
export type Stop = Omit<TrailPoint, 'at'> & {
  at: (ground: Ground) => L.LatLng | undefined
  time: number
}

/** A person's way, and the moment that is looked at, epoch milliseconds. */
export type TrailView = { points: readonly Stop[]; until: number }

/** Where its camera stood then, as far as that is known; on a floor, where it stands now. */
export function stopsOf({ points }: Trail, spots: readonly Spot[]): Stop[] {
  return points.map(({ at: time, ...point }) => {
    const spot = spots.find(({ name }) => name === nameOf(point))
    const at = (ground: Ground) => {
      if (ground.layer === 'earth' && point.place) {
        return L.latLng(point.place.latitude, point.place.longitude)
      }
      return spot && ground.at(spot)
    }
    return { ...point, time, at }
  })
}

/** The floor that most of it is on, where none of it is on the earth. */
export function floorOf(stops: readonly Stop[], spots: readonly Spot[]): string | undefined {
  const placeOf = (stop: Stop) => spots.find(({ name }) => name === nameOf(stop))?.place
  if (stops.some((stop) => stop.place || placeOf(stop)?.place)) return undefined
  const floors = stops.flatMap((stop) => placeOf(stop)?.plan?.plan ?? [])
  const count = (floor: string) => floors.filter((one) => one === floor).length
  return floors.toSorted((p, q) => count(q) - count(p))[0]
}

/** Which sighting was the last at that time; −1 before the first. */
export function latestIndex(points: readonly Stop[], until: number): number {
  return points.findLastIndex(({ time }) => time <= until)
}
