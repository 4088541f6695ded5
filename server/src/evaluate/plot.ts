import type { TopLevelSpec } from 'vega-lite'
import { COLOURS, LOOK, svgOf } from '../plots/svg.ts'

type Point = { x: number; y: number }
type Axis = { domain: [number, number]; ticks: number[] }

const WIDTH = 720
const HEIGHT = 540
/** Characters that a row of the legend has room for. */
const LEGEND_CHARACTERS = 75
/** Decades of an axis up to which 2 and 5 are marked between the powers of ten. */
const FEW_DECADES = 2

/**
 * A detection error trade-off plot as an SVG document of 720 × 540 on white: one line for each of
 * `series`, in their order, on logarithmic axes that are labelled in per cent. `x` and `y` are
 * shares in [0, 1]; what is not above 0 lies on the edge of the plot, what is not finite is left
 * out. Series of one name are one line. Source: ISO/IEC 19795-1, DET curve.
 */
export async function detPlot(
  series: readonly { name: string; points: readonly Point[] }[],
  words: { title: string; x: string; y: string },
): Promise<string> {
  const points = series.flatMap(({ name, points }) =>
    points
      .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
      .map(({ x, y }, order) => ({ name, x, y, order })),
  )
  const x = axisOf(points.map((point) => point.x))
  const y = axisOf(points.map((point) => point.y))
  const values = points.map((point) => ({
    ...point,
    x: Math.max(point.x, x.domain[0]),
    y: Math.max(point.y, y.domain[0]),
  }))
  const names = [...new Set(series.map(({ name }) => name))]
  return svgOf(specOf(values, names, { x, y }, words))
}

/** Whole decades around the rates above 0, at least one. */
function axisOf(rates: readonly number[]): Axis {
  const logs = rates.filter((rate) => rate > 0).map(Math.log10)
  const highest = logs.reduce((high, log) => Math.max(high, Math.ceil(log)), -Infinity)
  const to = Number.isFinite(highest) ? highest : 0
  const from = logs.reduce((low, log) => Math.min(low, Math.floor(log)), to - 1)
  const decades = Array.from({ length: to - from + 1 }, (_, i) => from + i)
  const steps = to - from <= FEW_DECADES ? [1, 2, 5] : [1]
  const ticks = decades.flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)))
  const end = Number(`1e${to}`)
  return { domain: [Number(`1e${from}`), end], ticks: ticks.filter((tick) => tick <= end) }
}

function specOf(
  values: (Point & { name: string; order: number })[],
  names: string[],
  axes: { x: Axis; y: Axis },
  words: { title: string; x: string; y: string },
): TopLevelSpec {
  const channel = (field: 'x' | 'y') => ({
    field,
    type: 'quantitative' as const,
    title: words[field],
    scale: { type: 'log' as const, domain: axes[field].domain, nice: false },
    axis: { values: axes[field].ticks, labelExpr: "format(datum.value * 100, '~r') + ' %'" },
  })
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: WIDTH,
    height: HEIGHT,
    autosize: { type: 'fit', contains: 'padding' },
    padding: 16,
    background: 'white',
    title: words.title,
    data: { values },
    mark: { type: 'line', strokeWidth: 2.5, strokeJoin: 'round' },
    encoding: {
      x: channel('x'),
      y: channel('y'),
      order: { field: 'order', type: 'quantitative' },
      color: {
        field: 'name',
        type: 'nominal',
        title: null,
        scale: { domain: names, range: COLOURS },
      },
    },
    config: {
      ...LOOK,
      legend: {
        orient: 'bottom',
        columns: columnsFor(names),
        labelFontSize: 13,
        labelLimit: 0,
        symbolType: 'stroke',
        symbolStrokeWidth: 3,
        symbolSize: 300,
      },
    },
  }
}

/** As many columns of the legend as leave room for the longest name. */
function columnsFor(names: readonly string[]): number {
  const longest = names.reduce((length, name) => Math.max(length, name.length), 1)
  return Math.min(3, Math.max(1, Math.floor(LEGEND_CHARACTERS / (longest + 6))))
}
