import type { TopLevelSpec } from 'vega-lite'
import { LOOK, svgOf } from '../plots/svg.ts'
import type { Account } from './account.ts'
import { FATES, type Fate, type Figures } from './figures.ts'

const WIDTH = 780

/** Colours that the colour-blind tell apart. Source: Okabe and Ito 2008. */
const COLOUR: Record<Fate, string> = {
  true: '#009e73',
  false: '#d55e00',
  unresolved: '#e69f00',
  unjudged: '#0072b2',
  withdrawn: '#bbbbbb',
}
export const FATE_WORDS: Record<Fate, string> = {
  true: 'right',
  false: 'wrong',
  unresolved: 'unresolved',
  unjudged: 'not judged',
  withdrawn: 'withdrawn',
}

/** Alerts of each day by what became of them, and walks searched below: an SVG document. */
export function daysPlot({ days }: Account): Promise<string> {
  const x = { field: 'day', type: 'ordinal' as const, axis: dayAxis(days.length) }
  return svgOf({
    ...BASE,
    vconcat: [
      {
        width: WIDTH,
        height: 170,
        data: { values: days.flatMap(({ day, ...figures }) => byFate({ day }, figures)) },
        mark: 'bar',
        encoding: {
          x: { ...x, title: null, axis: { ...x.axis, labels: false } },
          y: { field: 'alerts', type: 'quantitative', title: 'alerts', axis: { tickMinStep: 1 } },
          color: FATE_COLOUR,
          order: { field: 'rank' },
        },
      },
      {
        width: WIDTH,
        height: 90,
        data: { values: days.map(({ day, walks }) => ({ day, walks })) },
        mark: { type: 'bar', color: '#8c8c8c' },
        encoding: {
          x: { ...x, title: null },
          y: { field: 'walks', type: 'quantitative', title: 'walks', axis: { tickMinStep: 1 } },
        },
      },
    ],
  })
}

type Named = { name: string } & Figures

/** Precision of each row with its 95 % interval: an SVG document; undefined where none is judged. */
export async function precisionPlot(rows: readonly Named[]): Promise<string | undefined> {
  const values = rows.flatMap(({ name, precision, true: right, false: wrong }) =>
    precision === null ? [] : [{ name, ...precision, of: `${right} of ${right + wrong}` }],
  )
  if (values.length === 0) return undefined
  const x = {
    type: 'quantitative' as const,
    title: 'right, of those judged',
    scale: { domain: [0, 1] },
    axis: { format: '.0%' },
  }
  const y = { field: 'name', type: 'nominal' as const, title: null, sort: null }
  return svgOf({
    ...BASE,
    width: WIDTH - 160,
    height: { step: 40 },
    data: { values },
    layer: [
      {
        mark: { type: 'rule', color: '#0072b2', strokeWidth: 2 },
        encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' } },
      },
      {
        mark: { type: 'point', color: '#0072b2', filled: true, size: 90 },
        encoding: { y, x: { ...x, field: 'value' } },
      },
      {
        mark: { type: 'text', dy: -11, fontSize: 11, color: '#444444' },
        encoding: { y, x: { ...x, field: 'value' }, text: { field: 'of' } },
      },
    ],
  })
}

const BASE = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: 'white',
  config: LOOK,
} satisfies Partial<TopLevelSpec>

const FATE_COLOUR = {
  field: 'fate',
  type: 'nominal' as const,
  title: null,
  scale: {
    domain: FATES.map((fate) => FATE_WORDS[fate]),
    range: FATES.map((fate) => COLOUR[fate]),
  },
  legend: { orient: 'top' as const, labelFontSize: 13 },
}

function byFate(of: object, figures: Figures) {
  return FATES.map((fate, rank) => {
    return { ...of, fate: FATE_WORDS[fate], alerts: figures[fate], rank }
  })
}

/** As many labels as there is room for. */
function dayAxis(days: number) {
  const every = Math.ceil(days / 12)
  return {
    labelAngle: 0,
    labelExpr: `round(datum.index * ${days - 1}) % ${every} == 0 ? datum.label : ''`,
  }
}
