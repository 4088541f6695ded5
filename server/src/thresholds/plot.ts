import type { TopLevelSpec } from 'vega-lite'
import type { Curves } from './curves.ts'
import type { Report } from './report.ts'

const WIDTH = 720
/** Colours that the colour-blind tell apart. Source: Okabe and Ito 2008. */
const [BLUE, ORANGE, GREEN, GREY] = ['#0072b2', '#d55e00', '#009e73', '#8c8c8c']

/**
 * A camera's strangers and its threshold as an SVG document on white: above, how many walks have
 * which score; below, how many false alerts a week each threshold would raise, as counted and as
 * forecast, and where the budget and the floor lie. Both axes of numbers are logarithmic.
 */
export async function thresholdPlot(report: Report & { curves: Curves }): Promise<string> {
  const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
  const view = new View(parse(compile(specOf(report)).spec), { renderer: 'none' })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}

type Layer = { layer: object[] } & Record<string, unknown>

function specOf(report: Report & { curves: Curves }): TopLevelSpec {
  const { agent, camera, list, curves, evidence } = report
  const { histogram, counted, forecast } = curves
  const scores = [...histogram, ...forecast].map(({ score }) => score)
  const x = {
    field: 'score',
    type: 'quantitative',
    title: 'similarity to the nearest entry that they are not',
    scale: { domain: [Math.min(...scores), Math.max(...scores)], nice: false, zero: false },
  }
  const marks = marksOf(report)
  const above: Layer = {
    width: WIDTH,
    height: 150,
    layer: [
      {
        data: { values: histogram.map((bin) => ({ ...bin, end: bin.score + 0.001 })) },
        mark: { type: 'bar', color: BLUE, opacity: 0.6 },
        encoding: { x: { ...x, title: null }, x2: { field: 'end' }, ...walks(histogram) },
      },
      ...marks.slice(0, 1),
    ],
  }
  const least = Math.min(...forecast.map(({ expected }) => expected).filter((n) => n > 0))
  const lowest = 10 ** Math.floor(Math.log10(Math.max(least, 1e-6)))
  const y = {
    type: 'quantitative',
    title: 'false alerts a week',
    scale: { type: 'log', domainMin: lowest, nice: false, clamp: true },
    axis: { format: '~r', labelOverlap: true },
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
    resolve: { scale: { x: 'shared' } },
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

/** Walks on an axis that begins below one of them. */
function walks(histogram: Curves['histogram']) {
  const least = Math.min(1, ...histogram.map((bin) => bin.walks)) / 2
  return {
    y: {
      field: 'walks',
      type: 'quantitative',
      title: 'walks a week',
      scale: { type: 'log', domainMin: least, clamp: true, nice: false },
      axis: { format: '~r', labelOverlap: true },
    },
    y2: { datum: least },
  }
}

/** Upright lines at the threshold and the floor, and a level one at the budget. */
function marksOf({ threshold, floor, budget: { budget } }: Report): object[] {
  const lines = [
    { at: threshold, label: `threshold ${threshold.toFixed(4)}`, colour: GREEN },
    ...(threshold > floor ? [{ at: floor, label: 'floor', colour: GREY }] : []),
  ]
  const upright = lines.flatMap(({ at, label, colour }, i) => [
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
        align: i === 0 ? 'left' : 'right',
        dx: i === 0 ? 5 : -5,
        y: 12,
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
