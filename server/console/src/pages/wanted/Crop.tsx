import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { useWords } from '../../words.ts'

/** In parts of the picture's width and height. */
type Area = { x: number; y: number; width: number; height: number }
type Point = { x: number; y: number }

type CropProps = { url: string; onClose: () => void; onCut: (area: Area) => Promise<void> }

const LEAST = 0.05
const SIDES = ['x', 'y', 'width', 'height'] as const

/** Leaves what a frame shows, which is drawn with the pointer or set with four sliders. */
export function Crop({ url, onClose, onCut }: CropProps) {
  const t = useWords('wanted')
  const area = useSignal<Area>({ x: 0.25, y: 0.1, width: 0.5, height: 0.8 })
  const busy = useSignal(false)
  const from = useRef<Point | undefined>(undefined)
  const frame = useRef<HTMLDivElement>(null)

  const pointOf = (event: PointerEvent): Point => {
    const { left, top, width, height } = frame.current!.getBoundingClientRect()
    return { x: within((event.clientX - left) / width), y: within((event.clientY - top) / height) }
  }
  const draw = (to: Point) => {
    const start = from.current
    if (start === undefined) return
    const [width, height] = [Math.abs(to.x - start.x), Math.abs(to.y - start.y)]
    if (width < LEAST || height < LEAST) return
    area.value = { x: Math.min(start.x, to.x), y: Math.min(start.y, to.y), width, height }
  }
  const set = (side: (typeof SIDES)[number], value: number) => {
    const next = { ...area.value, [side]: value }
    area.value = {
      ...next,
      width: Math.max(LEAST, Math.min(next.width, 1 - next.x)),
      height: Math.max(LEAST, Math.min(next.height, 1 - next.y)),
    }
  }
  const cut = async () => {
    busy.value = true
    await onCut(area.value)
  }
  const { x, y, width, height } = area.value
  return (
    <Dialog
      wide
      title={t('crop.title')}
      onClose={onClose}
      onSubmit={() => void cut()}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy.value}>
            {t('crop.do')}
          </Button>
        </>
      }
    >
      <p>{t('crop.text')}</p>
      <div
        ref={frame}
        class="wanted-crop"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          from.current = pointOf(event)
        }}
        onPointerMove={(event) => draw(pointOf(event))}
        onPointerUp={() => {
          from.current = undefined
        }}
      >
        <img src={url} alt="" draggable={false} />
        <span
          class="box"
          style={{
            left: `${100 * x}%`,
            top: `${100 * y}%`,
            width: `${100 * width}%`,
            height: `${100 * height}%`,
          }}
        />
      </div>
      <div class="wanted-sliders">
        {SIDES.map((side) => (
          <label key={side}>
            {t(`crop.${side}`)}
            <input
              type="range"
              min={side === 'x' || side === 'y' ? 0 : LEAST}
              max={side === 'x' || side === 'y' ? 1 - LEAST : 1}
              step={0.01}
              value={area.value[side]}
              onInput={(event) => set(side, event.currentTarget.valueAsNumber)}
            />
          </label>
        ))}
      </div>
    </Dialog>
  )
}

const within = (value: number) => Math.max(0, Math.min(1, value))
