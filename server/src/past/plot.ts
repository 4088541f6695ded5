import type { TopLevelSpec } from 'vega-lite'
import { COLOURS, LOOK, svgOf } from '../plots/svg.ts'
import type { Answer } from './answer.ts'

const WIDTH = 860
/** Height of a camera's lane, pixels. */
const LANE = 44
const [BLUE, ORANGE] = COLOURS
const BLACK = COLOURS.at(-1)!
/** What a band says of a camera, and how it is drawn. */
const BANDS = ['watched', 'not watched', 'not kept'] as const
const SHADES = ['#9bd3c1', '#d9d9d9', '#f4e3c1']
const MARKS = ['seen', 'near', 'alert'] as const
const SHAPES = ['circle', 'triangle-up', 'diamond']
const PAINTS = [BLUE!, BLACK, ORANGE!]
/** Days at midnight, hours between. */
const LABEL =
  "hours(datum.value) == 0 && minutes(datum.value) == 0 ? timeFormat(datum.value, '%d %b') : timeFormat(datum.value, '%H:%M')"
const UNKEPT: readonly string[] = ['not-kept', 'destroyed', 'dropped']

/**
 * Each camera as a lane of an SVG document on white, along local time: bands say when it could have
 * seen a usable face, marks when somebody was seen who looks like it.
 */
export function pastPlot(answer: Answer): Promise<string> {
  return svgOf(specOf(answer))
}

function specOf({ sightings, alerts, cameras }: Answer): TopLevelSpec {
  const laneOf = ({ agent, camera }: { agent: string; camera: string }) => `${agent}/${camera}`
  const lanes = cameras.map((one) => `${laneOf(one)}  ${Math.floor(one.share * 100)} %`)
  const named = new Map(cameras.map((one, i) => [laneOf(one), lanes[i]!]))
  const bands = cameras.flatMap((one, i) =>
    one.stretches.map(({ from, to, gap }) => ({
      ...{ lane: lanes[i]!, from, to },
      band: gap === null ? BANDS[0] : UNKEPT.includes(gap) ? BANDS[2] : BANDS[1],
    })),
  )
  const marks = [
    ...sightings.map((one) => ({
      lane: named.get(laneOf(one)),
      at: one.at,
      mark: one.score >= one.needed ? MARKS[0] : MARKS[1],
    })),
    ...alerts.map((one) => ({ lane: named.get(laneOf(one)), at: one.capturedAt, mark: MARKS[2] })),
  ].filter(({ lane }) => lane !== undefined)
  const y = {
    field: 'lane',
    type: 'nominal' as const,
    title: null,
    scale: { domain: lanes },
    axis: { labelLimit: 320, ticks: false, labelPadding: 12, grid: false, domain: false },
  }
  const x = { type: 'temporal' as const, title: null }
  const time = {
    // The bands of every camera reach from the beginning of the time to its end.
    scale: { nice: false as const },
    axis: { labelOverlap: true, tickCount: 8, labelExpr: LABEL },
  }
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: WIDTH,
    height: Math.max(1, lanes.length) * LANE,
    padding: 16,
    background: 'white',
    title: { text: 'Where somebody was seen, and when anybody could have been', frame: 'group' },
    layer: [
      {
        data: { values: bands },
        mark: { type: 'bar', height: { band: 0.62 } },
        encoding: {
          y,
          x: { ...x, ...time, field: 'from' },
          x2: { field: 'to' },
          color: {
            field: 'band',
            type: 'nominal',
            title: null,
            scale: { domain: [...BANDS], range: SHADES },
            legend: { symbolType: 'square' },
          },
        },
      },
      {
        data: { values: marks },
        mark: { type: 'point', filled: true, size: 150, opacity: 1, stroke: 'white', clip: false },
        encoding: {
          y,
          x: { ...x, field: 'at' },
          fill: {
            field: 'mark',
            type: 'nominal',
            title: null,
            scale: { domain: [...MARKS], range: PAINTS },
          },
          shape: {
            field: 'mark',
            type: 'nominal',
            title: null,
            scale: { domain: [...MARKS], range: SHAPES },
          },
        },
      },
    ],
    resolve: { scale: { color: 'independent' } },
    config: {
      ...LOOK,
      legend: { orient: 'bottom', labelFontSize: 13, labelLimit: 0, symbolSize: 130 },
    },
  }
}
