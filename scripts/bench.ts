import process from 'node:process'
import { Argument, Command } from 'commander'
import { benchCameras } from './bench/cameras.ts'
import { benchGate } from './bench/gate.ts'
import { benchHealth } from './bench/health.ts'
import { benchHostile } from './bench/hostile.ts'
import { benchLists } from './bench/lists.ts'
import type { Figure, Report } from './bench/measure.ts'
import { benchModels } from './bench/models.ts'
import { benchPipeline } from './bench/pipeline.ts'
import { benchRecognition } from './bench/recognition.ts'
import { benchRotation } from './bench/rotation.ts'
import { benchSearch } from './bench/search.ts'

type Options = { json?: true }

const BENCHES: Record<string, (report: Report) => Promise<void>> = {
  models: benchModels,
  search: benchSearch,
  gate: benchGate,
  pipeline: benchPipeline,
  cameras: benchCameras,
  health: benchHealth,
  hostile: benchHostile,
  lists: benchLists,
  rotation: benchRotation,
  recognition: benchRecognition,
}

await new Command('bench')
  .description('Measures Vedette against named baselines in the same run.')
  .addArgument(new Argument('<what>').choices([...Object.keys(BENCHES), 'all']))
  .option('--json', 'one JSON object a line on standard output')
  .action(async (what: string, { json }: Options) => {
    const report: Report = (figure) =>
      process.stdout.write(`${json ? JSON.stringify(rounded(figure)) : line(figure)}\n`)
    for (const [name, bench] of Object.entries(BENCHES)) {
      if (what === 'all' || what === name) await bench(report)
    }
  })
  .parseAsync()

function line({ bench, value, unit, baseline, ratio, peakFraction, p99, recall }: Figure): string {
  return [
    bench.padEnd(34),
    `${significant(value)} ${unit}`.padEnd(24),
    ratio === undefined ? '' : `${significant(ratio)} × ${baseline}`,
    peakFraction === undefined ? '' : `${Math.round(peakFraction * 100)} % of matrix peak`,
    p99 === undefined ? '' : `p99 ${significant(p99)}`,
    recall === undefined ? '' : `recall ${recall}`,
  ]
    .join('  ')
    .trimEnd()
}

/** Four significant digits: more would pretend. */
function rounded(figure: Figure): Figure {
  const round = (value: unknown): unknown => {
    if (typeof value === 'number') return significant(value)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, round(inner)]))
  }
  return round(figure) as Figure
}

function significant(value: number): number {
  return Number(value.toPrecision(4))
}
