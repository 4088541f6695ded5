import { basename } from 'node:path'
import type { TopLevelSpec } from 'vega-lite'
import { COLOURS, LOOK, svgOf } from '../../plots/svg.ts'
import type { AlertResult, ClipResult } from './judge.ts'

const WIDTH = 860
/** Height of a clip, and of a person in it, at least, pixels. */
const LANE = 34
const PERSON = 20
/** What a mark says of an alert, and how it is drawn. */
const FATES = ['alert', 'false alert', 'withdrawn'] as const
const SHAPES = ['circle', 'cross', 'triangle-down']

/**
 * The clips as lanes of an SVG document: bands where somebody is to be seen, marks where an alert was
 * raised, in the colour of the person.
 */
export function timeline(clips: readonly ClipResult[]): Promise<string> {
  const lanes = laneNames(clips)
  const bands = clips.flatMap(({ seconds, appearances = [] }, i) =>
    appearances.map(({ name, from, to }) => ({
      ...{ lane: lanes[i]!, person: name },
      ...{ from: Math.min(from, seconds), to: Math.min(to, seconds) },
    })),
  )
  const marks = clips.flatMap(({ alerts }, i) =>
    alerts.map((alert) => ({
      lane: lanes[i]!,
      person: alert.name,
      at: alert.raisedAt,
      fate: fateOf(alert),
    })),
  )
  const lengths = clips.map(({ seconds }, i) => ({ lane: lanes[i]!, from: 0, to: seconds }))
  const people = [...new Set([...bands, ...marks].map(({ person }) => person))].toSorted()
  return svgOf(specOf({ lanes, bands, marks, lengths, people }))
}

function fateOf({ right, certainty }: AlertResult): (typeof FATES)[number] {
  if (certainty === 'withdrawn') return 'withdrawn'
  return right === false ? 'false alert' : 'alert'
}

/** File names, numbered where one comes twice. */
function laneNames(clips: readonly ClipResult[]): string[] {
  const names = clips.map(({ clip }) => basename(clip))
  return names.map((name, i) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${i + 1}: ${name}`,
  )
}

function specOf({
  lanes,
  bands,
  marks,
  lengths,
  people,
}: {
  lanes: string[]
  bands: object[]
  marks: object[]
  lengths: object[]
  people: string[]
}): TopLevelSpec {
  const y = {
    field: 'lane',
    type: 'nominal' as const,
    title: null,
    scale: { domain: lanes },
    axis: { labelLimit: 260, ticks: false, labelPadding: 12 },
  }
  const span = {
    y,
    x: { field: 'from', type: 'quantitative' as const, title: 'seconds into the clip' },
    x2: { field: 'to' },
  }
  const yOffset = { field: 'person', type: 'nominal' as const, scale: { domain: people } }
  const color = {
    field: 'person',
    type: 'nominal' as const,
    title: null,
    scale: { domain: people, range: COLOURS },
    legend: { symbolType: 'square' },
  }
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: WIDTH,
    height: lanes.length * Math.max(LANE, PERSON * people.length),
    padding: 16,
    background: 'white',
    title: { text: 'Who was there, and what was alerted', frame: 'group' },
    layer: [
      {
        data: { values: lengths },
        mark: { type: 'bar', color: '#f0f0f0' },
        encoding: span,
      },
      {
        data: { values: bands },
        mark: { type: 'bar', opacity: 0.35, height: { band: 0.7 } },
        encoding: { ...span, yOffset, color },
      },
      {
        data: { values: marks },
        mark: { type: 'point', filled: true, size: 130, opacity: 1, stroke: 'white', clip: false },
        encoding: {
          y,
          yOffset,
          x: { field: 'at', type: 'quantitative' },
          color,
          shape: {
            field: 'fate',
            type: 'nominal',
            title: null,
            scale: { domain: [...FATES], range: SHAPES },
            legend: { symbolFillColor: '#666666', symbolStrokeColor: '#666666' },
          },
        },
      },
    ],
    config: {
      ...LOOK,
      legend: { orient: 'bottom', labelFontSize: 13, labelLimit: 0, symbolSize: 130 },
    },
  }
}
