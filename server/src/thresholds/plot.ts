import type { TopLevelSpec } from 'vega-lite'
import type { Curves } from './curves.ts'
import type { Report } from './report.ts'

const WIDTH = 720
/** Share of the width that a label needs. */
const LABEL = 0.2
/** Colours that the colour-blind tell apart. Source: Okabe and Ito 2008. */
const [BLUE, ORANGE, GREEN, GREY] = ['#0072b2', '#d55e00', '#009e73', '#8c8c8c']

/**
 * A camera's strangers and its threshold as an SVG document on white: above, how many walks have
 * which score; below, how many false alerts a week each threshold would raise, as counted and as
 * forecast, and where the budget and the floor lie. Both axes of numbers are logarithmic.
 */
export async function thresholdPlot(report: Plotted): Promise<string> {
  const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
  const view = new View(parse(compile(specOf(report)).spec), { renderer: 'none' })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}

type Plotted = Report & { curves: Curves }
type Layer = { layer: object[] } & Record<string, unknown>

function specOf(report: Plotted): TopLevelSpec {
  const { agent, camera, list, curves, evidence } = report
  const { histogram, counted, forecast } = curves
  const tail = forecast.map(({ score }) => score)
  const all = [...histogram.map(({ score }) => score), ...tail]
  const x = similarity(tail, 'similarity to the nearest entry that they are not')
  const marks = marksOf(report)
  const above: Layer = {
    width: WIDTH,
    height: 150,
    layer: [
      {
        data: { values: histogram.map((bin) => ({ ...bin, end: bin.score + 0.001 })) },
        mark: { type: 'bar', color: BLUE, opacity: 0.6 },
        encoding: { x: similarity(all, null), x2: { field: 'end' }, ...walks(histogram) },
      },
      marks[0]!,
    ],
  }
  const least = Math.min(...forecast.map(({ expected }) => expected).filter((n) => n > 0))
  const lowest = 10 ** Math.floor(Math.log10(Math.max(least, 1e-6)))
  const most = Math.max(...forecast.map(({ expected, high }) => high ?? expected), lowest * 10)
  const y = {
    type: 'quantitative',
    title: 'false alerts a week',
    scale: { type: 'log', domain: [lowest, most], nice: false, clamp: true },
    axis: { format: '~r', values: ticks(lowest, most) },
  }
  const below: Layer = {
    width: WIDTH,
    height: 300,
    layer: [
      {
        data: { values: forecast.filter(({ low }) => low !== null) },
        mark: { type: 'area', color: ORANGE, opacity: 0.2 },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        data: { values: forecast },
        mark: { type: 'line', color: ORANGE, strokeWidth: 2.5 },
        encoding: { x, y: { ...y, field: 'expected' } },
      },
      {
        data: { values: counted },
        mark: { type: 'point', color: BLUE, filled: true, size: 28 },
        encoding: { x, y: { ...y, field: 'alerts' } },
      },
      ...marks,
    ],
  }
  const source = evidence.fit === null ? 'published calibration' : 'fitted tail, 90 % confidence'
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 16,
    title: {
      text: `${agent}/${camera}${list === null ? '' : ` (${list})`}: what its strangers score`,
      subtitle: `dots: counted below the threshold; line: ${source}`,
    },
    vconcat: [above, below],
    resolve: { scale: { x: 'independent' } },
    config: {
      font: 'DejaVu Sans, Verdana, Arial, sans-serif',
      title: { fontSize: 17, subtitleFontSize: 13, anchor: 'start', offset: 14 },
      axis: {
        labelFontSize: 13,
        titleFontSize: 14,
        titleFontWeight: 'normal',
        titlePadding: 10,
        gridColor: '#e4e4e4',
        domainColor: '#888888',
        tickColor: '#888888',
      },
      view: { stroke: '#888888' },
    },
  } as TopLevelSpec
}

function similarity(scores: readonly number[], title: string | null) {
  const scale = { domain: [Math.min(...scores), Math.max(...scores)], nice: false, zero: false }
  return { field: 'score', type: 'quantitative', title, scale }
}

/** Powers of ten, and what lies between them where these are few. */
function ticks(from: number, to: number): number[] {
  const [first, last] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))]
  const steps = last - first > 3 ? [1] : [1, 2, 5]
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    .flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)))
    .filter((tick) => tick >= from && tick <= to)
}

/** Walks on an axis that begins below the fewest of them. */
function walks(histogram: Curves['histogram']) {
  const counts = histogram.map((bin) => bin.walks)
  const [least, most] = [Math.min(1, ...counts) / 2, Math.max(1, ...counts) * 1.2]
  return {
    y: {
      field: 'walks',
      type: 'quantitative',
      title: 'walks a week',
      scale: { type: 'log', domain: [least, most], clamp: true, nice: false },
      axis: { format: '~r', values: ticks(least, most) },
    },
    y2: { datum: least },
  }
}

/** Upright lines at the threshold and the floor, and a level one at the budget. */
function marksOf({ threshold, floor, budget: { budget }, curves }: Plotted): object[] {
  const [from, to] = [curves.forecast[0]!.score, curves.forecast.at(-1)!.score]
  // A label that would not fit behind the line stands before it.
  const room = to - threshold > LABEL * (to - from) ? 'left' : 'right'
  const lines = [
    { at: threshold, label: `threshold ${threshold.toFixed(4)}`, colour: GREEN, beside: room },
    ...(threshold > floor && floor >= from
      ? [{ at: floor, label: 'floor', colour: GREY, beside: 'right' }]
      : []),
  ]
  const upright = lines.flatMap(({ at, label, colour, beside }, i) => [
    {
      data: { values: [{ score: at }] },
      mark: { type: 'rule', color: colour, strokeWidth: 2 },
      encoding: { x: { field: 'score', type: 'quantitative' } },
    },
    {
      data: { values: [{ score: at }] },
      mark: {
        type: 'text',
        text: label,
        color: colour,
        fontSize: 13,
        align: beside,
        dx: beside === 'left' ? 5 : -5,
        y: 12 + 18 * i,
      },
      encoding: { x: { field: 'score', type: 'quantitative' } },
    },
  ])
  return [
    ...upright,
    {
      data: { values: [{ budget }] },
      mark: { type: 'rule', color: GREY, strokeDash: [5, 4], strokeWidth: 1.5 },
      encoding: { y: { field: 'budget', type: 'quantitative' } },
    },
    {
      data: { values: [{ budget }] },
      mark: {
        type: 'text',
        text: 'budget',
        color: GREY,
        fontSize: 13,
        align: 'left',
        x: 6,
        dy: -8,
      },
      encoding: { y: { field: 'budget', type: 'quantitative' } },
    },
  ]
}
