import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { useWords } from '../words.ts'
import { type Bar, FATES, sumOf } from './fates.ts'
import './plots.css'

type StackedBarsProps = {
  bars: readonly Bar[]
  /** What it is of, for whoever does not see it. */
  label: string
  /** Of a bar: `Mon 2 Nov, 14:00`. */
  name: (bar: Bar) => string
  /** Below the first and the last, and as many between as there is room for. */
  tick: (bar: Bar) => string
  /** How a stretch is chosen. */
  hint?: string
  /** A stretch was chosen, by dragging over it, or with Shift and the arrows and then Enter. */
  onChoose?: (from: number, to: number) => void
}

/** Alerts along the time, by what became of them. One stop for the keyboard: arrows go from bar to bar. */
export function StackedBars({ bars, label, name, tick, hint, onChoose }: StackedBarsProps) {
  const t = useWords('shell')
  const at = useSignal(bars.length - 1)
  const anchor = useSignal<number | undefined>(undefined)
  const dragging = useSignal(false)
  const row = useRef<HTMLDivElement>(null)
  const most = Math.max(1, ...bars.map(({ counts }) => sumOf(counts)))
  const here = Math.max(0, Math.min(at.value, bars.length - 1))
  const [first, last] = [here, anchor.value ?? here].sort((p, q) => p - q) as [number, number]
  const chosen = (i: number) => anchor.value !== undefined && i >= first && i <= last
  const choose = () => {
    const [begin, end] = [bars[first], bars[last]]
    if (begin && end) onChoose?.(begin.from, end.to)
    anchor.value = undefined
  }
  const go = (to: number, extend: boolean) => {
    const next = Math.max(0, Math.min(bars.length - 1, to))
    anchor.value = extend ? (anchor.peek() ?? here) : undefined
    at.value = next
    const button = row.current?.children[next]
    if (button instanceof HTMLElement) button.focus()
  }
  const said = (bar: Bar) =>
    [
      `${name(bar)}: ${t('plot.alerts', { count: sumOf(bar.counts) })}`,
      ...FATES.filter((fate) => bar.counts[fate] > 0).map(
        (fate) => `${bar.counts[fate]} ${t(`fate.${fate}`)}`,
      ),
    ].join(', ')
  const every = Math.ceil(bars.length / 8)
  const shown = bars[here]
  return (
    <figure class="plot" aria-label={label}>
      <Legend />
      <div class="axis number small quiet" aria-hidden="true">
        {most}
      </div>
      <div
        ref={row}
        class="bars"
        role="toolbar"
        aria-label={label}
        data-fine={bars.length > 80}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -1, ArrowRight: 1, Home: -bars.length, End: bars.length }[
            event.key
          ]
          if (step === undefined) return
          event.preventDefault()
          event.stopPropagation()
          go(here + step, event.shiftKey)
        }}
        onPointerUp={() => {
          if (dragging.value) choose()
          dragging.value = false
        }}
        onPointerLeave={() => {
          if (dragging.value) anchor.value = undefined
          dragging.value = false
        }}
      >
        {bars.map((bar, i) => (
          <button
            key={bar.from}
            type="button"
            tabIndex={i === here ? 0 : -1}
            aria-label={said(bar)}
            data-chosen={chosen(i)}
            onFocus={() => {
              at.value = i
            }}
            onPointerDown={(event) => {
              if (event.button !== 0 || !onChoose) return
              at.value = i
              anchor.value = i
              dragging.value = true
            }}
            onPointerEnter={() => {
              at.value = i
            }}
            onClick={(event) => event.detail === 0 && choose()}
          >
            {FATES.map((fate) =>
              bar.counts[fate] > 0 ? (
                <span
                  key={fate}
                  data-fate={fate}
                  style={{ height: `${(100 * bar.counts[fate]) / most}%` }}
                />
              ) : null,
            )}
          </button>
        ))}
      </div>
      <div class="ticks small quiet" aria-hidden="true">
        {bars.map((bar, i) => (
          <span key={bar.from} data-minor={i % (2 * every) !== 0}>
            {i % every === 0 ? tick(bar) : ''}
          </span>
        ))}
      </div>
      <figcaption class="row spread small">
        <span aria-live="polite">{shown ? said(shown) : ''}</span>
        {hint && <span class="quiet">{hint}</span>}
      </figcaption>
    </figure>
  )
}

/** What the colours mean. */
export function Legend() {
  const t = useWords('shell')
  return (
    <ul class="fate-legend small">
      {FATES.map((fate) => (
        <li key={fate}>
          <span class="swatch" data-fate={fate} aria-hidden="true" />
          {t(`fate.${fate}`)}
        </li>
      ))}
    </ul>
  )
}
