import type { MapSettings } from '@vedette/server/desk/answered/map'
import type { FloorPlan } from '@vedette/server/store/plans'
import * as L from 'leaflet'
import 'leaflet/dist/leaflet.css'
import { urlOf } from '../../desk.ts'
import { drawGraticule, world } from './base.ts'
import type { Layer, Spot } from './spots.ts'

/** Beyond this the map of the world shows nothing that helps. */
export const LAST_ZOOM_OF_WORLD = 8
const STREET_ZOOM = 16

/** Where on a layer something is: degrees on the earth, shares of a plan. */
export type Position = { latitude: number; longitude: number } | { x: number; y: number }

/** The earth or a floor in an element of the page, with panes to draw on. Disposed, it is gone. */
export class Ground {
  readonly map: L.Map
  readonly layer: Layer
  #gone = false

  constructor(element: HTMLElement, layer: Layer, tiles: MapSettings['tiles']) {
    this.layer = layer
    const plan = layer === 'earth' ? undefined : layer
    this.map = L.map(element, {
      ...(plan ? { crs: L.CRS.Simple, minZoom: -5, maxZoom: 3 } : { minZoom: 1, maxZoom: 19 }),
      // Who watches the element's size is told at once.
      trackResize: false,
      zoomControl: false,
      attributionControl: false,
      zoomSnap: 0.25,
      zoomAnimation: !calm(),
      fadeAnimation: !calm(),
      markerZoomAnimation: !calm(),
      maxBoundsViscosity: 1,
      keyboardPanDelta: 100,
    })
    this.map.createPane('base').style.zIndex = '150'
    this.map.createPane('graticule').style.zIndex = '160'
    this.map.createPane('degrees').style.zIndex = '250'
    this.map.createPane('views').style.zIndex = '380'
    if (plan) this.#drawPlan(plan)
    else this.#drawEarth(tiles)
  }

  /** Undefined where the camera is not on this layer. */
  at({ place }: Spot): L.LatLng | undefined {
    if (this.layer === 'earth') {
      return place?.place ? L.latLng(place.place.latitude, place.place.longitude) : undefined
    }
    return place?.plan?.plan === this.layer.id ? this.onPlan(place.plan) : undefined
  }

  onPlan({ x, y }: { x: number; y: number }): L.LatLng {
    const { width, height } = this.layer as FloorPlan
    return L.latLng(-y * height, x * width)
  }

  positionOf({ lat, lng }: L.LatLng): Position {
    if (this.layer === 'earth') return { latitude: round(lat, 6), longitude: round(lng, 6) }
    const { width, height } = this.layer
    const share = (value: number) => round(Math.min(1, Math.max(0, value)), 4)
    return { x: share(lng / width), y: share(-lat / height) }
  }

  /** Pixels that a metre has at `at`; undefined where nobody said how large the floor is. */
  pixelsOfMetre(at: L.LatLng): number | undefined {
    const scale = this.map.getZoomScale(this.map.getZoom(), 0)
    if (this.layer !== 'earth') {
      return this.layer.metres === null ? undefined : (scale * this.layer.width) / this.layer.metres
    }
    const equator = 2 * Math.PI * 6_378_137 * Math.cos((at.lat * Math.PI) / 180)
    return (scale * 256) / equator
  }

  /** All of these, or all that there is. */
  fit(points: readonly L.LatLng[]): void {
    const { map, layer } = this
    if (layer !== 'earth') map.fitBounds(boundsOf(layer), { animate: false })
    else if (points.length === 0) map.setView([25, 10], 2, { animate: false })
    else {
      const bounds = L.latLngBounds([...points])
      map.fitBounds(bounds.pad(0.25), { maxZoom: STREET_ZOOM, animate: false })
    }
  }

  centre(at: L.LatLng): void {
    const least = this.layer === 'earth' ? Math.max(this.map.getZoom(), 14) : this.map.getZoom()
    this.map.setView(at, least, { animate: !calm() })
  }

  [Symbol.dispose](): void {
    this.#gone = true
    this.map.remove()
  }

  #drawEarth(tiles: MapSettings['tiles']): void {
    const { map } = this
    map.setMaxBounds([
      [-88, -220],
      [88, 220],
    ])
    L.control.scale({ imperial: false, position: 'bottomright', maxWidth: 140 }).addTo(map)
    const graticule = L.layerGroup().addTo(map)
    map.on('moveend', () => drawGraticule(map, graticule))
    if (tiles) L.tileLayer(tiles.url, { maxZoom: 19, pane: 'base' }).addTo(map)
    else {
      void world()
        .then((base) => this.#gone || base.addTo(map))
        .catch(() => this.#gone || map.fire('unworldly'))
    }
  }

  #drawPlan(plan: FloorPlan): void {
    const { map } = this
    const bounds = boundsOf(plan)
    L.imageOverlay(urlOf(`/plans/${plan.id}/image`), bounds, {
      alt: plan.name,
      pane: 'base',
    }).addTo(map)
    map.setMaxBounds(bounds.pad(0.5))
  }
}

function boundsOf({ width, height }: FloorPlan): L.LatLngBounds {
  return L.latLngBounds([-height, 0], [0, width])
}

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
