import { Check } from '../../parts/Field.tsx'
import './live.css'
import { useSignal } from '@preact/signals'
import type { CameraChange } from '@vedette/server/cameras/cameras'
import type { Watch } from '@vedette/server/desk/answered/cameras'
import type { LiveTerms } from '@vedette/server/desk/answered/live'
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { askReason } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { on } from '../../stream.ts'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { Chooser, keyOf } from './chooser.tsx'
import { useKnown } from './known.ts'
import { Looking } from './looking.ts'
import {
  type Arrow,
  addressOf,
  isArrow,
  moved,
  type Places,
  placesOf,
  put,
  SIZES,
  type Size,
  sized,
  take,
} from './places.ts'
import { saveShown, Tile } from './tile.tsx'

/** Longer side of a picture, and pictures a second, by the number of tiles. */
const FULL: Record<Size, [side: number, fps: number]> = {
  1: [960, 10],
  2: [800, 5],
  4: [640, 5],
  9: [480, 5],
}
const SPARE: [side: number, fps: number] = [320, 2]
const NARROW = '(max-width: 600px)'

/** The tiles as the address says now. */
function current(): Places {
  return placesOf(Object.fromEntries(new URLSearchParams(location.search)))
}

function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const field = target instanceof Element && target.closest('input:not([type=radio]), dialog')
  return Boolean(field) || ctrlKey || metaKey || altKey
}

/** The camera of the tile that has the focus. */
function focused(): string | undefined {
  return document.activeElement?.closest<HTMLElement>('[data-slot]')?.dataset.slot
}

/** Any camera's picture, as long as somebody looks. */
export default function Live() {
  const t = useWords('live')
  const { query, route } = useLocation()
  const places = placesOf(query)
  const watch = useDesk<Watch>('/cameras')
  const terms = useDesk<LiveTerms>('/live/terms')
  const looking = useMemo(() => new Looking(), [])
  const known = useKnown()
  const paused = useSignal(false)
  const hidden = useSignal(document.hidden)
  const spare = useSignal(matchMedia(NARROW).matches)
  const reason = useSignal<string | undefined>(undefined)

  const cameras = watch.data?.cameras
  const names = places.filter((name) => name !== undefined)
  const [side, fps] = spare.value ? SPARE : FULL[places.length as Size]
  const still = paused.value || hidden.value
  const go = (next: Places) => route(addressOf(next), true)
  const told = useSignal('')
  /** What has the focus keeps it where its tile goes. */
  const move = (camera: string, arrow: Arrow) => {
    const before = current()
    const next = moved(before, camera, arrow)
    if (next === before) return
    const held = document.activeElement
    go(next)
    const place = next.indexOf(camera) + 1
    told.value = t('tile.moved', { camera, place, all: next.length })
    requestAnimationFrame(() => held instanceof HTMLElement && held.isConnected && held.focus())
  }

  useEffect(() => {
    const onHide = () => {
      hidden.value = document.hidden
    }
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event)) return
      const size = SIZES.find((one) => String(one) === event.key)
      const camera = focused() ?? (current().length === 1 ? current()[0] : undefined)
      if (size !== undefined) go(sized(current(), size))
      else if (event.key === 'p') paused.value = !paused.peek()
      else if (event.key === 's' && camera) saveShown(looking, camera)
      else if (event.shiftKey && isArrow(event.key) && camera) move(camera, event.key)
      else if (event.key === '/') document.querySelector<HTMLElement>('[data-search]')?.focus()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    document.addEventListener('visibilitychange', onHide)
    const off = on<CameraChange>('camera', () => void watch.reload())
    return () => {
      document.removeEventListener('keydown', onKey)
      document.removeEventListener('visibilitychange', onHide)
      off()
      looking.stop()
    }
  }, [])

  const needsReason = terms.data?.reason === 'required' && reason.value === undefined
  useEffect(() => {
    if (!terms.data || still || needsReason) return looking.stop()
    const why = reason.value === undefined ? {} : { reason: reason.value }
    looking.look({ cameras: names, side, fps, ...why })
  }, [names.toSorted().join(), side, fps, still, needsReason, terms.data !== undefined])

  const tell = async () => {
    reason.value = await askReason(t('reason.title'), t('reason.text'))
  }
  useEffect(() => {
    if (needsReason && names.length > 0) void tell()
  }, [needsReason, names.length > 0])

  if (cameras === undefined) return <Problem problem={watch.problem} onRetry={watch.reload} />
  if (cameras.length === 0) {
    return (
      <>
        <h1>{t('title')}</h1>
        <Empty title={t('empty.title')}>
          <p>{t('empty.text')}</p>
          <a href="/fleet">{t('empty.do')}</a>
        </Empty>
      </>
    )
  }
  return (
    <>
      <header>
        <h1>{t('title')}</h1>
        <div class="row">
          <fieldset class="live-sizes">
            <legend class="unseen">{t('tiles')}</legend>
            {SIZES.map((size) => (
              <label key={size}>
                <input
                  type="radio"
                  name="tiles"
                  checked={size === places.length}
                  onChange={() => go(sized(places, size))}
                />
                <span>{size}</span>
              </label>
            ))}
          </fieldset>
          <Check label={t('spare')} field={spare} />
          <Button
            aria-pressed={paused.value}
            onClick={() => {
              paused.value = !paused.value
            }}
          >
            {t(paused.value ? 'goOn' : 'pause')}
          </Button>
        </div>
      </header>
      <Problem problem={terms.problem} onRetry={terms.reload} />
      <Problem
        problem={looking.problem.value}
        onRetry={() =>
          looking.look({ cameras: names, side, fps, ...(reason.value && { reason: reason.value }) })
        }
      />
      {needsReason && names.length > 0 && (
        <div class="card row spread">
          <span>{t('reason.wanted')}</span>
          <Button kind="primary" onClick={tell}>
            {t('reason.say')}
          </Button>
        </div>
      )}
      <div class="live">
        <Chooser
          cameras={cameras}
          places={places}
          onChoose={(camera) => go(put(places, camera))}
          onRemove={(camera) => go(take(places, camera))}
        />
        <div class="tiles" data-count={places.length}>
          {places.map((camera, i) => (
            <Slot
              key={camera ?? `free-${i}`}
              onDrop={(dropped) => go(put(places, dropped, i))}
              camera={camera}
            >
              {camera && (
                <Tile
                  camera={camera}
                  looking={looking}
                  known={known}
                  status={cameras.find((one) => keyOf(one) === camera)}
                  paused={still}
                  onMove={places.length > 1 ? (arrow) => move(camera, arrow) : undefined}
                  onRemove={() => go(take(places, camera))}
                />
              )}
            </Slot>
          ))}
        </div>
      </div>
      <p class="unseen" role="status">
        {told.value}
      </p>
      <p class="small quiet">{t('recorded')}</p>
    </>
  )
}

type SlotProps = {
  camera: string | undefined
  onDrop: (camera: string) => void
  children: ComponentChildren
}

/** Where a tile is, or may be. */
function Slot({ camera, onDrop, children }: SlotProps) {
  const t = useWords('live')
  return (
    <section
      class="slot"
      data-slot={camera}
      aria-label={camera ?? t('tile.free')}
      draggable={camera !== undefined}
      onDragStart={(event) => camera && event.dataTransfer?.setData('text/plain', camera)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        const dropped = event.dataTransfer?.getData('text/plain')
        if (dropped) onDrop(dropped)
      }}
    >
      {children || <p class="quiet free">{t('tile.free')}</p>}
    </section>
  )
}
