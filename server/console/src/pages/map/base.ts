import type { Feature, MultiLineString } from 'geojson'
import * as L from 'leaflet'
import { feature, mesh } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
// Natural Earth, 1 : 50 million, public domain: it lies in a file of its own beside the page.
import worldUrl from 'world-atlas/countries-50m.json?url'
import { graticuleStep } from './geometry.ts'

type World = Topology<{ countries: GeometryCollection; land: GeometryCollection }>

let fetched: Promise<World> | undefined

/** Land and borders of the whole earth. */
export async function world(): Promise<L.LayerGroup> {
  fetched ??= fetch(worldUrl).then((answer) => answer.json() as Promise<World>)
  const topology = await fetched.catch((error: unknown) => {
    fetched = undefined
    throw error
  })
  const land = feature(topology, topology.objects.land)
  const borders: MultiLineString = mesh(topology, topology.objects.countries, (p, q) => p !== q)
  const lines: Feature = { type: 'Feature', properties: {}, geometry: borders }
  const still = { interactive: false, pane: 'base' } as const
  return L.layerGroup([
    L.geoJSON(land, { ...still, style: { className: 'land', weight: 1 } }),
    L.geoJSON(lines, { ...still, style: { className: 'border', weight: 1, fill: false } }),
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
    L.polyline(points, { interactive: false, className: 'graticule', weight: 1, pane: 'base' }).addTo(into)
  const label = (at: L.LatLngTuple, words: string, kind: string) =>
    L.marker(at, {
      icon: L.divIcon({ className: `degrees ${kind}`, html: textOf(words), iconSize: [0, 0] }),
      interactive: false,
      keyboard: false,
      pane: 'degrees',
    }).addTo(into)
  for (let lon = Math.ceil(west / step) * step; lon <= east; lon += step) {
    line([[south, lon], [north, lon]])
    label([bounds.getSouth(), lon], degrees(lon, step, 'E', 'W'), 'below')
  }
  for (let lat = Math.ceil(south / step) * step; lat <= north; lat += step) {
    line([[lat, west], [lat, east]])
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
