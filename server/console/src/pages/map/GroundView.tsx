import { useSignal } from '@preact/signals'
import type { MapSettings } from '@vedette/server/desk/answered/map'
import { useEffect, useRef } from 'preact/hooks'
import { useCameraWords } from '../../cameras/words.ts'
import { Button } from '../../parts/Button.tsx'
import { useWords } from '../../words.ts'
import { Ground, LAST_ZOOM_OF_WORLD, type Position } from './ground.ts'
import { Scene, type Shown } from './scene.ts'
import { CAMERA, type Layer, type Spot, stateOf } from './spots.ts'
import { latestIndex, type TrailView } from './trail.ts'

type GroundViewProps = {
  layer: Layer
  tiles: MapSettings['tiles']
  spots: readonly Spot[]
  selected: string | undefined
  /** Counts up whenever what is selected is to be put in the middle. */
  centred: number
  movable: boolean
  trail: TrailView | undefined
  onSelect: (name: string) => void
  onMove: (spot: Spot, to: Position) => void
  /** Told where the middle of the map is, whenever that was asked for by name. */
  middle: { current: (() => Position) | undefined }
}

type Made = { ground: Ground; scene: Scene }

/** The map itself; all it shows is in the table, too. */
export function GroundView(props: GroundViewProps) {
  const { layer, tiles, spots, selected, centred, movable, trail, onSelect, onMove, middle } = props
  const t = useWords('map')
  const c = useCameraWords()
  const element = useRef<HTMLDivElement>(null)
  const made = useRef<Made | undefined>(undefined)
  const far = useSignal(false)
  const worldless = useSignal(false)
  const noted = useSignal(false)
  const key = layer === 'earth' ? 'earth' : layer.id

  useEffect(() => {
    if (!element.current) return
    const ground = new Ground(element.current, layer, tiles)
    made.current = { ground, scene: new Scene(ground) }
    const points = spots.flatMap((spot) => ground.at(spot) ?? [])
    const onTrail = trail?.points.flatMap((point) => point.at(ground) ?? []) ?? []
    ground.fit(onTrail.length > 0 ? onTrail : points)
    const look = () => {
      far.value = layer === 'earth' && !tiles && ground.map.getZoom() > LAST_ZOOM_OF_WORLD
    }
    ground.map.on('zoomend', look)
    ground.map.on('unworldly', () => {
      worldless.value = true
    })
    look()
    middle.current = () => ground.positionOf(ground.map.getCenter())
    const sized = new ResizeObserver(() => ground.map.invalidateSize({ animate: false }))
    sized.observe(element.current)
    return () => {
      sized.disconnect()
      middle.current = undefined
      made.current?.scene[Symbol.dispose]()
      ground[Symbol.dispose]()
      made.current = undefined
    }
  }, [key, tiles?.url, layer === 'earth' ? 0 : layer.north])

  useEffect(() => {
    const { ground, scene } = made.current ?? {}
    if (!ground || !scene) return
    const now = trail ? latestIndex(trail.points, trail.until) : -1
    const steps = (trail?.points ?? []).flatMap((point, i) => {
      const at = point.at(ground)
      const state = i === now ? 'now' : i < now ? 'past' : 'ahead'
      return at ? [{ number: i + 1, at, state } as const] : []
    })
    const tell = (spot: Spot) => {
      const state = c(`short.${stateOf(spot)}`)
      return t('pin', { name: spot.name, state, count: spot.alerts.length })
    }
    const shown: Shown = {
      ...{ spots, selected, movable, trail: steps, onSelect, onMove, tell },
      tellAll: (all) => t('pins', { count: all.length }),
    }
    scene.show(shown)
  })

  useEffect(() => {
    const { ground } = made.current ?? {}
    const spot = spots.find(({ name }) => name === selected)
    const at = spot && ground?.at(spot)
    if (centred > 0 && at) ground?.centre(at)
  }, [centred, key])

  const drop = (event: DragEvent) => {
    const { ground } = made.current ?? {}
    const name = event.dataTransfer?.getData(CAMERA)
    const spot = spots.find((one) => one.name === name)
    if (!movable || !ground || !spot) return
    event.preventDefault()
    onMove(spot, ground.positionOf(ground.map.mouseEventToLatLng(event)))
  }
  const zoom = (by: number) => () =>
    made.current?.ground.map.setZoom(made.current.ground.map.getZoom() + by)
  const all = () => {
    const { ground } = made.current ?? {}
    ground?.fit(spots.flatMap((spot) => ground.at(spot) ?? []))
  }
  return (
    <div class="ground" data-layer={layer === 'earth' ? 'earth' : 'plan'}>
      <section
        class="ground-map"
        ref={element}
        aria-label={t('mapLabel')}
        onDragOver={(event) => {
          if (movable && event.dataTransfer?.types.includes(CAMERA)) event.preventDefault()
        }}
        onDrop={drop}
      />
      <div class="ground-tools">
        <Button aria-label={t('closer')} title={t('closer')} onClick={zoom(1)}>
          +
        </Button>
        <Button aria-label={t('further')} title={t('further')} onClick={zoom(-1)}>
          −
        </Button>
        <Button onClick={all}>{t('all')}</Button>
      </div>
      {far.value && !noted.value && (
        <div class="ground-note" role="status">
          <span>{t('noStreets')}</span>
          <Button
            kind="quiet"
            aria-label={t('closeCard')}
            onClick={() => {
              noted.value = true
            }}
          >
            ×
          </Button>
        </div>
      )}
      {worldless.value && (
        <p class="ground-note" role="alert">
          {t('noWorld')}
        </p>
      )}
      <p class="ground-credit">
        {layer === 'earth' && (tiles ? tiles.attribution : t('credit'))}
        {layer !== 'earth' &&
          (layer.metres === null ? t('noScale') : t('across', { metres: layer.metres }))}
      </p>
    </div>
  )
}
