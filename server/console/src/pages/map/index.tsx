import { useSignal } from '@preact/signals'
import type { MapSettings } from '@vedette/server/desk/answered/map'
import type { Trail } from '@vedette/server/desk/answered/trail'
import type { CameraPlace } from '@vedette/server/store/places'
import type { FloorPlan } from '@vedette/server/store/plans'
import { useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { useCameras } from '../../cameras/use-cameras.ts'
import { useOpenAlerts } from '../../cameras/use-open-alerts.ts'
import { nameOf } from '../../cameras/words.ts'
import { Button } from '../../parts/Button.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Check } from '../../parts/Field.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem } from '../../problem.ts'
import { may } from '../../session.ts'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { Card } from './Card.tsx'
import { GroundView } from './GroundView.tsx'
import type { Position } from './ground.ts'
import { List } from './List.tsx'
import './map.css'
import { moveTo, PlaceForm } from './PlaceForm.tsx'
import { PlanDialog } from './Plans.tsx'
import { isOn, type Layer, matches, type Spot, spotsOf } from './spots.ts'
import { Table } from './Table.tsx'
import { TrailPanel } from './Trail.tsx'
import { floorOf, stopsOf } from './trail.ts'

/** Where cameras are, how they do, and what they raise. */
export default function MapPage() {
  const t = useWords('map')
  const { query, route } = useLocation()
  const { watch, problem, reload } = useCameras()
  const places = useDesk<CameraPlace[]>('/cameras/places')
  const plans = useDesk<FloorPlan[]>('/plans')
  const settings = useDesk<MapSettings>('/map')
  const trail = useDesk<Trail>(query.person && `/entries/${encodeURIComponent(query.person)}/trail`)
  const until = useSignal<number | undefined>(undefined)
  const selected = useSignal<string | undefined>(query.camera)
  const chosen = useSignal<string | undefined>(query.plan)
  const centred = useSignal(query.camera ? 1 : 0)
  const search = useSignal('')
  const follow = useSignal(false)
  const moving = useSignal(false)
  const asTable = useSignal(false)
  const editing = useSignal<FloorPlan | 'new' | undefined>(undefined)
  const middle = useRef<(() => Position) | undefined>(undefined)
  const manages = may('cameras.manage')

  const alerts = useOpenAlerts((alert) => {
    if (follow.peek()) look(nameOf(alert))
  })
  const floors = plans.data ?? []
  const spots = spotsOf(watch?.cameras ?? [], places.data ?? [], alerts)
  const latest = useRef<readonly Spot[]>(spots)
  latest.current = spots
  const spot = spots.find(({ name }) => name === selected.value)
  const stops = trail.data ? stopsOf(trail.data, spots) : []
  const layer = layerOf(chosen.value ?? floorOf(stops, spots), floors, spots)
  const end = stops.at(-1)?.time
  const moment = until.value ?? end

  /** Shows a camera, on the layer where it is. */
  function look(name: string) {
    selected.value = name
    const place = latest.current.find((one) => one.name === name)?.place
    const onFloor = place?.plan?.plan
    if (onFloor && (!place.place || chosen.peek() === onFloor)) chosen.value = onFloor
    else if (place?.place) chosen.value = 'earth'
    centred.value++
  }
  useEffect(() => {
    if (query.camera && places.data) look(query.camera)
  }, [query.camera, places.data === undefined])
  useEffect(() => {
    until.value = undefined
  }, [query.person])

  const again = async () => {
    await Promise.all([places.reload(), plans.reload(), reload()])
  }
  const move = async (moved: Spot, to: Position) => {
    try {
      await moveTo(moved, layer, to)
      toast(t('moved', { name: moved.name }))
    } catch (error) {
      const { message, hint } = asProblem(error)
      toast(hint ? `${message} ${hint}` : message)
    }
    await again()
  }

  const asked = [places, plans, settings, trail]
  const failed = problem ?? asked.find((one) => one.problem)?.problem
  const ready = watch && places.data && plans.data && settings.data
  const found = spots.filter((one) => matches(one, search.value))
  return (
    <>
      <header>
        <h1>{t('title')}</h1>
        <div class="row">
          <select
            class="layers"
            aria-label={t('layer')}
            value={layer === 'earth' ? 'earth' : layer.id}
            onChange={(event) => {
              chosen.value = event.currentTarget.value
            }}
          >
            <option value="earth">{t('earth')}</option>
            {floors.map(({ id, name }) => (
              <option key={id} value={id}>
                {t('floor', { name })}
              </option>
            ))}
          </select>
          {manages && layer !== 'earth' && (
            <Button
              onClick={() => {
                editing.value = layer
              }}
            >
              {t('plans.change')}
            </Button>
          )}
          {manages && (
            <Button
              onClick={() => {
                editing.value = 'new'
              }}
            >
              {t('plans.new')}
            </Button>
          )}
          <Button
            aria-pressed={asTable.value}
            onClick={() => {
              asTable.value = !asTable.value
            }}
          >
            {t('asTable')}
          </Button>
        </div>
      </header>
      <Problem problem={failed} onRetry={() => void again()} />
      {query.person && trail.data && moment !== undefined && (
        <TrailPanel
          trail={trail.data}
          stops={stops}
          until={moment}
          onScrub={(to) => {
            until.value = to
          }}
          onClose={() => route('/map')}
        />
      )}
      {query.person && trail.data && end === undefined && (
        <TrailPanel
          trail={trail.data}
          stops={[]}
          until={0}
          onScrub={() => {}}
          onClose={() => route('/map')}
        />
      )}
      {ready && spots.length === 0 && (
        <Empty title={t('empty.title')}>
          <p>{t('empty.text')}</p>
          <a class="button" href="/fleet">
            {t('empty.fleet')}
          </a>
        </Empty>
      )}
      {ready && spots.length > 0 && (
        <div class="map-page" data-trail={query.person && trail.data ? '' : undefined}>
          <div class="map-main">
            {asTable.value ? (
              <Table spots={found} plans={floors} onSelect={look} />
            ) : (
              <GroundView
                layer={layer}
                tiles={settings.data?.tiles ?? null}
                spots={spots}
                selected={selected.value}
                centred={centred.value}
                movable={moving.value}
                trail={
                  trail.data && moment !== undefined ? { points: stops, until: moment } : undefined
                }
                onSelect={(name) => {
                  selected.value = name
                }}
                onMove={(moved, to) => void move(moved, to)}
                middle={middle}
              />
            )}
          </div>
          <aside class="map-side" aria-label={t('side')}>
            <div class="card stack tight">
              <TextField label={t('search')} type="search" field={search} />
              <Check label={t('follow')} field={follow} />
              {manages && <Check label={t('move')} field={moving} />}
              {moving.value && <p class="quiet small">{t('moveHint')}</p>}
            </div>
            {spot && (
              <Card
                key={spot.name}
                spot={spot}
                onClose={() => {
                  selected.value = undefined
                }}
              >
                {manages && moving.value && (
                  <PlaceForm
                    key={formKey(spot, layer)}
                    spot={spot}
                    layer={layer}
                    middle={() => middle.current?.()}
                    onSaved={() => void again()}
                  />
                )}
              </Card>
            )}
            <List
              spots={found}
              layer={layer}
              selected={selected.value}
              movable={moving.value}
              onSelect={look}
            />
          </aside>
        </div>
      )}
      {editing.value && (
        <PlanDialog
          plan={editing.value === 'new' ? undefined : editing.value}
          onClose={() => {
            editing.value = undefined
          }}
          onDone={async (id) => {
            editing.value = undefined
            await again()
            chosen.value = id ?? 'earth'
          }}
        />
      )}
    </>
  )
}

/** What was chosen; else the earth where any camera is on it, or the first floor with one. */
function layerOf(
  chosen: string | undefined,
  floors: readonly FloorPlan[],
  spots: readonly Spot[],
): Layer {
  const floor = floors.find(({ id }) => id === chosen)
  if (floor) return floor
  if (chosen === 'earth' || spots.some((spot) => isOn(spot, 'earth'))) return 'earth'
  return floors.find((one) => spots.some((spot) => isOn(spot, one))) ?? 'earth'
}

/** Another form where what it starts with is not the same any more. */
function formKey({ name, place }: Spot, layer: Layer): string {
  return JSON.stringify([
    name,
    layer === 'earth' ? layer : layer.id,
    place?.place,
    place?.plan,
    place?.view,
  ])
}
