import type { Colour } from '@vedette/server/cameras/state'
import * as L from 'leaflet'
import { SHAPES } from '../../cameras/Mark.tsx'

const SVG = 'http://www.w3.org/2000/svg'
/** Pixels; what a finger can hit. */
const SIDE = 34

type Pin = { state: Colour; alerts: number; selected?: boolean; count?: number; movable?: boolean }

/** A camera's sign on the map, or that of several: state by shape and colour, open alerts by number. */
export function pinIcon({ state, alerts, selected, count, movable }: Pin): L.DivIcon {
  const html = document.createElement('span')
  html.className = 'pin'
  Object.assign(html.dataset, { state, ...(alerts > 0 && { alerts }) })
  if (selected) html.dataset.selected = ''
  if (movable) html.dataset.movable = ''
  html.append(shape(state))
  if (count !== undefined) html.append(badge('pin-count', String(count)))
  if (alerts > 0) html.append(badge('pin-alerts', String(alerts)))
  return L.divIcon({
    className: 'pin-icon',
    html,
    iconSize: [SIDE, SIDE],
    iconAnchor: [SIDE / 2, SIDE / 2],
  })
}

/** The number of a sighting on a trail. */
export function stepIcon(words: string, now: boolean): L.DivIcon {
  const html = badge('step', words)
  if (now) html.dataset.now = ''
  return L.divIcon({ className: 'step-icon', html, iconSize: [0, 0] })
}

function shape(state: Colour): SVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('class', 'mark')
  svg.dataset.state = state
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  for (const [kind, d] of Object.entries(SHAPES[state])) {
    const path = document.createElementNS(SVG, 'path')
    path.setAttribute('class', kind)
    path.setAttribute('d', d)
    svg.append(path)
  }
  return svg
}

function badge(kind: string, words: string): HTMLElement {
  const span = document.createElement('span')
  span.className = kind
  span.textContent = words
  span.setAttribute('aria-hidden', 'true')
  return span
}
