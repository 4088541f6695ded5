import { useSignal } from '@preact/signals'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { NumberField } from '../../parts/NumberField.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useWords } from '../../words.ts'
import type { Position } from './ground.ts'
import { type Layer, NO_VIEW, type Spot } from './spots.ts'

type PlaceFormProps = {
  spot: Spot
  layer: Layer
  /** The middle of what the map shows now. */
  middle: () => Position | undefined
  onSaved: () => void
}

const path = ({ agent, camera }: Spot, what: 'place' | 'plan') =>
  `/cameras/${encodeURIComponent(agent)}/${encodeURIComponent(camera)}/${what}`

/** Puts the camera there on `layer`; how it looks stays as it is. */
export async function moveTo(spot: Spot, layer: Layer, to: Position): Promise<void> {
  if ('x' in to && layer !== 'earth') {
    await desk.put(path(spot, 'plan'), { plan: layer.id, ...to })
  } else if ('latitude' in to) {
    await desk.put(path(spot, 'place'), { ...to, ...said(spot.place?.view ?? NO_VIEW) })
  }
}

/** Where it is and how it looks, in numbers: all that dragging does, and more. */
export function PlaceForm({ spot, layer, middle, onSaved }: PlaceFormProps) {
  const t = useWords('map')
  const { place } = spot
  const view = place?.view ?? NO_VIEW
  const onPlan = layer !== 'earth' && place?.plan?.plan === layer.id ? place.plan : undefined
  const first = layer === 'earth' ? place?.place?.latitude : onPlan?.x
  const second = layer === 'earth' ? place?.place?.longitude : onPlan?.y
  const form = useSignal({
    first: first ?? Number.NaN,
    second: second ?? Number.NaN,
    bearing: view.bearing ?? Number.NaN,
    fieldOfView: view.fieldOfView ?? Number.NaN,
    range: view.range ?? Number.NaN,
  })
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const busy = useSignal(false)
  const act = async (work: () => Promise<unknown>, done: string) => {
    busy.value = true
    problem.value = undefined
    try {
      await work()
      toast(done)
      onSaved()
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      busy.value = false
    }
  }
  const save = async () => {
    const { first, second, bearing, fieldOfView, range } = form.value
    const looks = said({ bearing, fieldOfView, range })
    if (layer === 'earth') {
      const position = said({ latitude: first, longitude: second })
      await desk.put(path(spot, 'place'), { ...position, ...looks })
      return
    }
    await desk.put(path(spot, 'plan'), { plan: layer.id, x: first, y: second })
    const ground =
      place?.place && !place.place.address && place.origin === 'operator' ? place.place : undefined
    const kept = ground ? { latitude: ground.latitude, longitude: ground.longitude } : {}
    const address = place?.origin === 'operator' && place.address ? { address: place.address } : {}
    const all = { ...kept, ...address, ...looks }
    if (Object.keys(all).length > 0) await desk.put(path(spot, 'place'), all)
  }
  const remove = () =>
    layer === 'earth' ? desk.delete(path(spot, 'place')) : desk.delete(path(spot, 'plan'))
  const of = (key: keyof typeof form.value, least: number, most: number) => ({
    inputMode: 'decimal' as const,
    step: 'any',
    min: least,
    max: most,
    value: form.value[key],
    onValue: (next: number) => {
      form.value = { ...form.value, [key]: next }
    },
  })
  const toMiddle = () => {
    const to = middle()
    if (!to) return
    const [first, second] = 'x' in to ? [to.x, to.y] : [to.latitude, to.longitude]
    form.value = { ...form.value, first, second }
  }
  const isHere =
    layer === 'earth' ? place?.origin === 'operator' && place.place !== null : onPlan !== undefined
  return (
    <form
      class="stack place-form"
      aria-label={t('form.label', { name: spot.name })}
      onSubmit={(event) => {
        event.preventDefault()
        void act(save, t('form.saved', { name: spot.name }))
      }}
    >
      <h3>{layer === 'earth' ? t('form.onEarth') : t('form.onPlan', { name: layer.name })}</h3>
      <Problem problem={problem.value} />
      <div class="pair">
        <NumberField
          label={layer === 'earth' ? t('form.latitude') : t('form.x')}
          {...(layer === 'earth' ? of('first', -90, 90) : of('first', 0, 1))}
        />
        <NumberField
          label={layer === 'earth' ? t('form.longitude') : t('form.y')}
          {...(layer === 'earth' ? of('second', -180, 180) : of('second', 0, 1))}
        />
      </div>
      <div>
        <Button onClick={toMiddle}>{t('form.middle')}</Button>
      </div>
      <div class="pair">
        <NumberField label={t('form.bearing')} {...of('bearing', 0, 360)} />
        <NumberField label={t('form.field')} {...of('fieldOfView', 1, 360)} />
        <NumberField label={t('form.range')} {...of('range', 0, 10_000)} />
      </div>
      <div class="row">
        <Button type="submit" kind="primary" busy={busy.value}>
          {t('form.save')}
        </Button>
        {isHere && (
          <Button
            busy={busy.value}
            onClick={() => act(remove, t('form.removed', { name: spot.name }))}
          >
            {t(layer === 'earth' ? 'form.forget' : 'form.off')}
          </Button>
        )}
      </div>
    </form>
  )
}

/** Without what is not said: the desk takes numbers, not nothing. */
function said<T extends Record<string, number | null>>(
  values: T,
): Partial<Record<keyof T, number>> {
  const entries = Object.entries(values).filter(
    ([, value]) => value !== null && !Number.isNaN(value),
  )
  return Object.fromEntries(entries) as Partial<Record<keyof T, number>>
}
