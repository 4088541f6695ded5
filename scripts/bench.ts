import process from 'node:process'
import { Argument, Command } from 'commander'
import { benchAudit } from './bench/audit.ts'
import { benchCameras } from './bench/cameras.ts'
import { benchCaptcha } from './bench/captcha.ts'
import { benchChannels } from './bench/channels.ts'
import { benchConsole } from './bench/console.ts'
import { benchConsoles } from './bench/consoles.ts'
import { benchDisk, type DiskOptions } from './bench/durable/disk.ts'
import { benchKills, type KillsOptions } from './bench/durable/kills.ts'
import { benchLoad, type LoadOptions } from './bench/durable/load.ts'
import { benchPower, type PowerOptions } from './bench/durable/power.ts'
import { benchEnrol } from './bench/enrol.ts'
import { benchEvidence } from './bench/evidence.ts'
import { benchFlood } from './bench/flood.ts'
import { benchGate } from './bench/gate.ts'
import { benchGreedy } from './bench/greedy.ts'
import { benchHealth } from './bench/health.ts'
import { benchHistory } from './bench/history.ts'
import { benchHostile } from './bench/hostile.ts'
import { benchMany } from './bench/idle.ts'
import { benchImport } from './bench/import.ts'
import { benchLists } from './bench/lists.ts'
import { benchLive } from './bench/live.ts'
import type { Figure, Report } from './bench/measure.ts'
import { benchModels } from './bench/models.ts'
import { benchOffline } from './bench/offline.ts'
import { benchOutbox } from './bench/outbox.ts'
import { benchPasswords } from './bench/passwords.ts'
import { benchPast } from './bench/past.ts'
import { benchPictures } from './bench/pictures.ts'
import { benchPipeline } from './bench/pipeline.ts'
import { benchRecognition } from './bench/recognition.ts'
import { benchRenewal } from './bench/renewal.ts'
import { benchReturn } from './bench/return.ts'
import { benchRotation } from './bench/rotation.ts'
import { benchSearch } from './bench/search.ts'
import { benchGuessing, benchSignIn, benchTelling } from './bench/sign-in.ts'
import { benchSilence } from './bench/silence.ts'
import { benchSlowHttp } from './bench/slow-http.ts'
import { benchVault } from './bench/vault.ts'
import { benchWolves } from './bench/wolves.ts'

type Options = {
  json?: true
  outage: number
  kills: number
  agents: number
  every: number
} & PowerOptions &
  KillsOptions &
  DiskOptions &
  LoadOptions

const BENCHES: Record<string, (report: Report, options: Options) => Promise<void>> = {
  models: benchModels,
  audit: benchAudit,
  search: benchSearch,
  evidence: benchEvidence,
  gate: benchGate,
  flood: benchFlood,
  greedy: benchGreedy,
  return: benchReturn,
  idle: benchMany,
  pipeline: benchPipeline,
  cameras: benchCameras,
  captcha: benchCaptcha,
  console: benchConsole,
  consoles: benchConsoles,
  health: benchHealth,
  history: benchHistory,
  hostile: benchHostile,
  live: benchLive,
  lists: benchLists,
  outbox: benchOutbox,
  pictures: benchPictures,
  wolves: benchWolves,
  enrol: benchEnrol,
  import: benchImport,
  passwords: benchPasswords,
  recognition: benchRecognition,
}

/** Those that last too long to be run with the others. */
const LONG: typeof BENCHES = {
  channels: benchChannels,
  offline: (report, { outage, ...options }) =>
    benchOffline(report, { ...options, outage: outage * 1000, killServer: true }),
  power: benchPower,
  kills: benchKills,
  disk: benchDisk,
  load: benchLoad,
  renewal: benchRenewal,
  past: benchPast,
  'sign-in': benchSignIn,
  'sign-in-guessing': benchGuessing,
  'sign-in-time': benchTelling,
  silence: benchSilence,
  'slow-http': benchSlowHttp,
  rotation: benchRotation,
  vault: benchVault,
}

await new Command('bench')
  .description('Measures Vedette against named baselines in the same run.')
  .addArgument(
    new Argument('<what>').choices([...Object.keys(BENCHES), ...Object.keys(LONG), 'all']),
  )
  .option('--json', 'one JSON object a line on standard output')
  .option('--outage <seconds>', 'offline: how long the network is away', Number, 60)
  .option('--kills <n>', 'offline: agents killed meanwhile', Number, 100)
  .option('--agents <n>', 'offline: how many', Number, 3)
  .option('--every <ms>', 'offline: from question to question of an agent', Number, 200)
  .option('--cuts <n>', 'power: how many', Number, 200)
  .option('--stride <n>', 'kills: every so manieth point', Number, 1)
  .option('--entries <n>', 'load: on the list', Number, 10_000)
  .option('--seconds <n>', 'load: how long each part lasts', Number, 20)
  .option('--broken <seconds>', 'disk: how long it is', Number, 10)
  .action(async (what: string, options: Options) => {
    const { json } = options
    const report: Report = (figure) =>
      process.stdout.write(`${json ? JSON.stringify(rounded(figure)) : line(figure)}\n`)
    for (const [name, bench] of Object.entries(BENCHES)) {
      if (what === 'all' || what === name) await bench(report, options)
    }
    await LONG[what]?.(report, options)
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
