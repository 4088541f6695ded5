import { useSignal } from '@preact/signals'
import type { CameraStatus } from '@vedette/server/cameras/known'
import { useCallback, useEffect, useRef } from 'preact/hooks'
import { Button } from '../../parts/Button.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { localTime, utcTime } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { Faces } from './faces.tsx'
import type { Known } from './known.ts'
import type { Looking } from './looking.ts'
import type { Arrow } from './places.ts'
import { savePicture } from './save-picture.ts'
import { Why } from './why.tsx'

/** A picture older than this is not live, milliseconds. */
const STALE_MS = 2000
const TICK_MS = 250

type TileProps = {
  camera: string
  looking: Looking
  known: Known
  status: CameraStatus | undefined
  paused: boolean
  /** Moves it to the tile before or after it; left out where there is no other. */
  onMove: ((arrow: Arrow) => void) | undefined
  onRemove: () => void
}

/** One camera: its picture, the faces in it, and how old it is. */
export function Tile({ camera, looking, known, status, paused, onMove, onRemove }: TileProps) {
  const t = useWords('live')
  const figure = useRef<HTMLElement>(null)
  const { head, why, rate } = looking.of(camera).value
  useTick()
  // Not the tick's: the picture may have come since.
  const now = Date.now()
  const age = head && looking.age(head, now)
  const stale = age !== undefined && age > STALE_MS
  const state = head === undefined ? 'none' : paused ? 'paused' : stale ? 'stale' : 'live'
  const troubles = status?.troubles ?? []
  return (
    <figure class="tile" ref={figure} data-state={state} data-camera={camera}>
      <div class="head">
        <h2>{camera}</h2>
        {troubles.map(({ kind }) => (
          <Tag key={kind} tone="warn">
            {t(`trouble.${kind}`)}
          </Tag>
        ))}
        <span class="tools">
          <a
            class="button"
            data-kind="quiet"
            href={`/map?camera=${camera}`}
            title={t('tile.map')}
            aria-label={t('tile.map')}
          >
            <Icon name="map" />
          </a>
          <Button
            kind="quiet"
            data-save={camera}
            title={t('tile.save')}
            aria-label={t('tile.save')}
            aria-keyshortcuts="S"
            disabled={head === undefined}
            onClick={() => saveShown(looking, camera)}
          >
            <Icon name="save" />
          </Button>
          <Button
            kind="quiet"
            title={t('tile.full')}
            aria-label={t('tile.full')}
            onClick={() => fill(figure.current)}
          >
            <Icon name="full" />
          </Button>
          {onMove &&
            (['ArrowLeft', 'ArrowRight'] as const).map((arrow) => (
              <Button
                key={arrow}
                kind="quiet"
                data-move={arrow}
                aria-label={t(`tile.${arrow}`, { camera })}
                aria-keyshortcuts={`Shift+${arrow}`}
                onClick={() => onMove(arrow)}
              >
                {arrow === 'ArrowLeft' ? '‹' : '›'}
              </Button>
            ))}
          <Button kind="quiet" aria-label={t('tile.remove', { camera })} onClick={onRemove}>
            ×
          </Button>
        </span>
      </div>
      <div class="stage">
        <Picture camera={camera} looking={looking} />
        {head && <Over looking={looking} camera={camera} known={known} shown={state === 'live'} />}
        {state !== 'live' && (
          <div class="veil" role="status">
            {stale && <strong>{t('veil.stale', { seconds: (age / 1000).toFixed(0) })}</strong>}
            {paused ? (
              <p>{t('veil.paused')}</p>
            ) : looking.link.value === 'lost' ? (
              <p>{t('veil.lost')}</p>
            ) : (
              <Why why={why} camera={camera} status={status} />
            )}
          </div>
        )}
      </div>
      <figcaption class="small number">
        {head && age !== undefined ? (
          <>
            <span class="age" data-stale={stale}>
              {t('tile.old', { seconds: (age / 1000).toFixed(1) })}
            </span>
            <span>{t('tile.rate', { rate: state === 'live' ? rate.toFixed(1) : '0.0' })}</span>
            <span>{t('faces', { count: head.faces.length })}</span>
            <span class="at">
              {localTime(head.capturedAt, now)}
              <span class="quiet"> {utcTime(head.capturedAt, now)}</span>
            </span>
          </>
        ) : (
          <span class="quiet">{t('tile.none')}</span>
        )}
      </figcaption>
    </figure>
  )
}

/** Where pictures are drawn as they come. */
function Picture({ camera, looking }: { camera: string; looking: Looking }) {
  const t = useWords('live')
  const on = useCallback(
    (canvas: HTMLCanvasElement | null) => looking.drawOn(camera, canvas),
    [camera, looking],
  )
  return (
    <canvas
      ref={on}
      role="img"
      aria-label={t('tile.picture', { camera })}
      width="16"
      height="9"
      // What is kept is saved with a reason, which is on record.
      onContextMenu={(event) => event.preventDefault()}
    />
  )
}

type OverProps = { camera: string; looking: Looking; known: Known; shown: boolean }

/** The faces, exactly over the picture. */
function Over({ camera, looking, known, shown }: OverProps) {
  const { head, matches } = looking.of(camera).value
  if (!head || !shown) return null
  const ratio = head.width / head.height
  return (
    <div class="over" style={{ '--ratio': String(ratio) }}>
      <Faces head={head} matches={matches} known={known} />
    </div>
  )
}

/** Saves what is to be seen of `camera` now, where there is anything. */
export function saveShown(looking: Looking, camera: string): void {
  const shown = looking.shown(camera)
  if (shown) void savePicture(shown)
}

function fill(figure: HTMLElement | null): void {
  if (document.fullscreenElement) void document.exitFullscreen()
  else void figure?.requestFullscreen()
}

/** Draws whoever calls anew several times a second: what does not change grows old. */
function useTick(): void {
  const ticks = useSignal(0)
  useEffect(() => {
    const timer = setInterval(() => {
      ticks.value++
    }, TICK_MS)
    return () => clearInterval(timer)
  }, [ticks])
  void ticks.value
}
