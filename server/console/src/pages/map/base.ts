import * as L from 'leaflet'
import { feature, mesh } from 'topojson-client'
// Natural Earth, 1 : 50 million, public domain: it lies in a file of its own beside the page.
import worldUrl from 'world-atlas/countries-50m.json?url'
import { graticuleStep } from './geometry.ts'

type World = Parameters<typeof mesh>[0]

let fetched: Promise<World> | undefined

/** Land and borders of the whole earth. */
export async function world(): Promise<L.LayerGroup> {
  fetched ??= fetch(worldUrl).then((answer) => answer.json() as Promise<World>)
  const topology = await fetched.catch((error: unknown) => {
    fetched = undefined
    throw error
  })
  const { land, countries } = topology.objects
  if (!land || !countries) return L.layerGroup()
  const ground = feature(topology, land)
  const borders = mesh(topology, countries as Parameters<typeof mesh>[1], (p, q) => p !== q)
  const still = { interactive: false, pane: 'base' } as const
  return L.layerGroup([
    L.geoJSON(ground, { ...still, style: { className: 'land', weight: 1 } }),
    L.geoJSON(borders, { ...still, style: { className: 'border', weight: 1, fill: false } }),
  ])
}

/** Draws circles of latitude and longitude that suit what is to be seen; call it when that moved. */
export function drawGraticule(map: L.Map, into: L.LayerGroup): void {
  into.clearLayers()
  const bounds = map.getBounds()
  const [south, north] = [Math.max(-85, bounds.getSouth()), Math.min(85, bounds.getNorth())]
  const [west, east] = [Math.max(-180, bounds.getWest()), Math.min(180, bounds.getEast())]
  const step = graticuleStep(Math.min(east - west, 1.6 * (north - south)))
  const line = (points: L.LatLngTuple[]) =>
    L.polyline(points, {
      interactive: false,
      className: 'graticule',
      weight: 1,
      pane: 'graticule',
    }).addTo(into)
  const label = (at: L.LatLngTuple, words: string, kind: string) =>
    L.marker(at, {
      icon: L.divIcon({ className: `degrees ${kind}`, html: textOf(words), iconSize: [0, 0] }),
      interactive: false,
      keyboard: false,
      pane: 'degrees',
    }).addTo(into)
  for (let lon = Math.ceil(west / step) * step; lon <= east; lon += step) {
    line([
      [south, lon],
      [north, lon],
    ])
    label([bounds.getSouth(), lon], degrees(lon, step, 'E', 'W'), 'below')
  }
  for (let lat = Math.ceil(south / step) * step; lat <= north; lat += step) {
    line([
      [lat, west],
      [lat, east],
    ])
    label([lat, bounds.getWest()], degrees(lat, step, 'N', 'S'), 'beside')
  }
}

function degrees(value: number, step: number, plus: string, minus: string): string {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  const text = Math.abs(value).toFixed(digits)
  return Number(text) === 0 ? '0°' : `${text}° ${value > 0 ? plus : minus}`
}

function textOf(words: string): HTMLElement {
  const span = document.createElement('span')
  span.textContent = words
  span.setAttribute('aria-hidden', 'true')
  return span
}
