import type { View } from '@vedette/server/store/places'
import * as L from 'leaflet'
import { RANK } from '../../cameras/words.ts'
import { sector, together } from './geometry.ts'
import type { Ground, Position } from './ground.ts'
import { pinIcon, stepIcon } from './pins.ts'
import { type Spot, stateOf } from './spots.ts'

/** What is to be seen now. */
export type Shown = {
  spots: readonly Spot[]
  /** Name of the camera that is looked at. */
  selected: string | undefined
  /** Cameras can be dragged. */
  movable: boolean
  trail: readonly Step[]
  /** As a person who hears the page is told of a camera, and of several. */
  tell: (spot: Spot) => string
  tellAll: (spots: readonly Spot[]) => string
  onSelect: (name: string) => void
  onMove: (spot: Spot, to: Position) => void
}

/** A sighting on the trail, where it is known; `state` by the time that is looked at. */
export type Step = { number: number; at: L.LatLng; state: 'past' | 'now' | 'ahead' }

/** What is further outside of what is to be seen than this share of it is not drawn. */
const AROUND = 0.3
/** Nearer to each other than this pins are one, pixels. */
const APART = 38
/** A view is drawn as long as that at least, pixels. */
const SHORTEST_VIEW = 46
/** From further away a view says nothing. */
const FIRST_ZOOM_OF_VIEWS = 11
const USUAL_WIDTH = 60
const USUAL_RANGE = 20

/** Cameras, what they see, and a trail, upon a ground; drawn anew when the ground has moved. */
export class Scene {
  readonly #ground: Ground
  readonly #views = L.layerGroup()
  readonly #pins = L.layerGroup()
  readonly #trail = L.layerGroup()
  readonly #gone = new AbortController()
  #shown: Shown | undefined
  /** A pin is pressed or dragged: it must stay until it is let go. */
  #held = false

  constructor(ground: Ground) {
    this.#ground = ground
    for (const group of [this.#views, this.#trail, this.#pins]) group.addTo(ground.map)
    ground.map.on('moveend', () => this.#draw())
    const { signal } = this.#gone
    const isPin = ({ target }: Event) => target instanceof Element && target.closest('.pin-icon')
    const hold = (event: Event) => {
      this.#held = Boolean(isPin(event))
    }
    // Behind what the map itself makes of it.
    const release = () => setTimeout(() => this.#release())
    ground.map.getContainer().addEventListener('pointerdown', hold, { signal, capture: true })
    for (const kind of ['pointerup', 'pointercancel']) {
      document.addEventListener(kind, release, { signal })
    }
  }

  [Symbol.dispose](): void {
    this.#gone.abort()
    this.#shown = undefined
  }

  show(shown: Shown): void {
    this.#shown = shown
    this.#draw()
  }

  #release(): void {
    if (!this.#held) return
    this.#held = false
    this.#draw()
  }

  #draw(): void {
    const { map } = this.#ground
    const shown = this.#shown
    if (!shown || this.#held) return
    const focused = document.activeElement?.closest('.pin-icon')?.getAttribute('data-name')
    for (const group of [this.#views, this.#pins, this.#trail]) group.clearLayers()
    const near = map.getBounds().pad(AROUND)
    const placed = shown.spots.flatMap((spot) => {
      const latLng = this.#ground.at(spot)
      if (!latLng || !near.contains(latLng)) return []
      const alone = spot.name === shown.selected || shown.movable
      return [{ spot, latLng, at: map.latLngToLayerPoint(latLng), alone }]
    })
    for (const group of together(placed, APART)) {
      const [first] = group
      if (!first) continue
      if (group.length > 1) this.#drawSeveral(group, shown)
      else {
        this.#drawView(first.spot, first.latLng, first.at)
        this.#drawPin(first.spot, first.latLng, shown)
      }
    }
    this.#drawTrail(shown.trail)
    if (focused)
      map
        .getPane('markerPane')
        ?.querySelector<HTMLElement>(`[data-name="${CSS.escape(focused)}"]`)
        ?.focus()
  }

  #drawPin(
    spot: Spot,
    latLng: L.LatLng,
    { selected, movable, tell, onSelect, onMove }: Shown,
  ): void {
    const icon = pinIcon({
      state: stateOf(spot),
      alerts: spot.alerts.length,
      selected: spot.name === selected,
      movable,
    })
    const front = spot.alerts.length > 0 ? 1000 : 0
    const marker = L.marker(latLng, { icon, draggable: movable, zIndexOffset: front })
    marker.on('click', () => onSelect(spot.name))
    marker.on('dragend', () => onMove(spot, this.#ground.positionOf(marker.getLatLng())))
    marker.addTo(this.#pins)
    name(marker, tell(spot), spot.name)
  }

  #drawSeveral(group: readonly { spot: Spot; latLng: L.LatLng }[], { tellAll }: Shown): void {
    const spots = group.map(({ spot }) => spot)
    const [worst] = spots.map(stateOf).sort((p, q) => RANK[p] - RANK[q])
    const alerts = spots.reduce((sum, spot) => sum + spot.alerts.length, 0)
    const bounds = L.latLngBounds(group.map(({ latLng }) => latLng))
    const icon = pinIcon({ state: worst ?? 'amber', alerts, count: spots.length })
    const marker = L.marker(bounds.getCenter(), { icon, zIndexOffset: alerts > 0 ? 1000 : 0 })
    const { map } = this.#ground
    marker.on('click', () => {
      map.fitBounds(bounds.pad(0.5), { maxZoom: Math.min(map.getMaxZoom(), map.getZoom() + 4) })
    })
    marker.addTo(this.#pins)
    name(marker, tellAll(spots), spots.map((spot) => spot.name).join())
  }

  #drawView(spot: Spot, latLng: L.LatLng, at: L.Point): void {
    const { layer, map } = this.#ground
    const { bearing, fieldOfView, range }: Partial<View> = spot.place?.view ?? {}
    if (bearing === null || bearing === undefined) return
    if (layer === 'earth' && map.getZoom() < FIRST_ZOOM_OF_VIEWS) return
    const north = layer === 'earth' ? 0 : layer.north
    const metre = this.#ground.pixelsOfMetre(latLng)
    const length = metre === undefined ? 0 : metre * (range ?? USUAL_RANGE)
    const true_ = length >= SHORTEST_VIEW && range !== null && fieldOfView !== null
    const radius = Math.max(SHORTEST_VIEW, length)
    const points = sector(at, bearing - north, fieldOfView ?? USUAL_WIDTH, radius)
    const outline = points.map(({ x, y }) => map.layerPointToLatLng([x, y]))
    L.polygon(outline, {
      className: `view ${stateOf(spot)}`,
      pane: 'views',
      interactive: false,
      weight: 1,
      ...(!true_ && { dashArray: '3 4' }),
    }).addTo(this.#views)
  }

  #drawTrail(trail: readonly Step[]): void {
    for (const [i, to] of trail.entries()) {
      const from = trail[i - 1]
      if (!from) continue
      const className = `trail ${to.state === 'ahead' ? 'ahead' : 'past'}`
      L.polyline([from.at, to.at], { className, interactive: false, weight: 4 }).addTo(this.#trail)
    }
    const stops = new Map<string, Step[]>()
    for (const step of trail) {
      const key = `${step.at.lat},${step.at.lng}`
      stops.set(key, [...(stops.get(key) ?? []), step])
    }
    for (const steps of stops.values()) {
      const [first] = steps
      if (!first) continue
      const now = steps.some(({ state }) => state === 'now')
      const icon = stepIcon(steps.map(({ number }) => number).join(', '), now)
      L.marker(first.at, { icon, interactive: false, keyboard: false, zIndexOffset: 2000 }).addTo(
        this.#trail,
      )
    }
  }
}

function name(marker: L.Marker, words: string, id: string): void {
  const element = marker.getElement()
  element?.setAttribute('aria-label', words)
  element?.setAttribute('title', words)
  if (element) element.dataset.name = id
}
