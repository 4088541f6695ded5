import { writeFile } from 'node:fs/promises'
import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type BudgetPlace, cameraTarget } from '../../thresholds/budgets.ts'
import type { Curves } from '../../thresholds/curves.ts'
import { thresholdPlot } from '../../thresholds/plot.ts'
import type { Report } from '../../thresholds/report.ts'
import type { Change } from '../../thresholds/thresholds.ts'
import { number, time } from '../../thresholds/words.ts'
import { globalsOf, openDesk } from '../context.ts'
import { EXIT } from '../exit.ts'
import { print, say, table } from '../render.ts'

export function thresholdsCommand(): Command {
  return new Command('thresholds')
    .description('how many false alerts each camera may raise, and what follows from that')
    .addCommand(showCommand())
    .addCommand(explainCommand())
    .addCommand(setCommand())
    .addCommand(unsetCommand())
    .addCommand(forgetCommand())
}

function showCommand(): Command {
  return new Command('show')
    .description('budget, evidence, threshold and forecast of every camera')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<Report[]>('GET', '/thresholds'), globals, (reports) =>
        table(
          ['CAMERA', 'BUDGET', 'WALKS', 'WATCHED', 'A WEEK', 'ENTRIES', 'THRESHOLD', 'FORECAST'],
          reports.map((report) => [
            nameOf(report),
            `${number(report.budget.budget)} (${FROM[report.budget.scope]})`,
            number(report.seen.walks),
            time(report.seen.watchedMs),
            number(report.week.walks) + (report.week.measured ? '' : ' assumed'),
            number(report.entries),
            `${report.threshold.toFixed(4)} ${report.origin}`,
            forecast(report),
          ]),
        ),
      )
    })
}

function explainCommand(): Command {
  return new Command('explain')
    .description("each step from a camera's budget to its threshold")
    .argument('<agent/camera>', 'as in: vedette thresholds show', camera)
    .option('--plot <file>', 'also draw what its strangers score, as SVG')
    .action(async (place: BudgetPlace, options: { plot?: string }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const reports = await desk.json<(Report & { curves: Curves })[]>('GET', pathOf(place))
      const [first] = reports
      if (options.plot !== undefined && first !== undefined) {
        await writeFile(options.plot, await thresholdPlot(first))
        say(`drawn to ${options.plot}`)
      }
      print(reports, globals, (all) =>
        all
          .map((report) => [nameOf(report), ...report.why.map((step) => `  ${step}`)].join('\n'))
          .join('\n'),
      )
    })
}

function forgetCommand(): Command {
  return new Command('forget')
    .description('forget what a camera has learned: for one that looks elsewhere now')
    .argument('<agent/camera>', 'as in: vedette thresholds show', camera)
    .action(async (place: BudgetPlace, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      await desk.json('DELETE', pathOf(place))
      print({ forgotten: place.target }, globals, () => `forgot what ${place.target} has learned`)
    })
}

function pathOf({ target }: BudgetPlace): string {
  return `/thresholds/${split(target).map(encodeURIComponent).join('/')}`
}

type At = { camera?: BudgetPlace; list?: string; yes?: true }

function setCommand(): Command {
  return placed(new Command('set'))
    .description('let each camera raise so many false alerts a week; shows what changes first')
    .argument('<budget>', 'false alerts per camera and week', budget)
    .action(async (value: number, options: At, command: Command) => {
      await change(command, placeOf(options), value, options.yes)
    })
}

function unsetCommand(): Command {
  return placed(new Command('unset'))
    .description('let the next wider budget hold again')
    .action(async (options: At, command: Command) => {
      await change(command, placeOf(options), null, options.yes)
    })
}

function placed(command: Command): Command {
  return command
    .option('--camera <agent/camera>', 'for one camera', camera)
    .addOption(
      new Option('--list <name>', 'for alerts about people on one list, at every camera').conflicts(
        'camera',
      ),
    )
    .option('--yes', 'save without asking')
}

function placeOf({ camera, list }: At): BudgetPlace {
  return (
    camera ??
    (list === undefined ? { scope: 'server', target: '' } : { scope: 'list', target: list })
  )
}

/** Shows what a budget (null: none) would change, and saves it once somebody has agreed. */
async function change(command: Command, place: BudgetPlace, budget: number | null, yes?: true) {
  const globals = globalsOf(command)
  await using desk = await openDesk(globals)
  const changes = await desk.json<Change[]>('POST', '/thresholds/forecast', { ...place, budget })
  if (globals.json === undefined) process.stdout.write(`${changesText(changes)}\n`)
  const saved = yes === true || (await agreed())
  if (saved) {
    const query = new URLSearchParams(place)
    if (budget === null) await desk.json('DELETE', `/thresholds?${query}`)
    else await desk.json('PUT', '/thresholds', { ...place, budget })
  } else {
    process.exitCode = EXIT.usage
  }
  if (globals.json !== undefined) print({ ...place, budget, saved, changes }, globals, () => '')
  say(saved ? 'saved' : 'nothing was saved: say --yes to save it')
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question('Save? [y/N] ')
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}

function changesText(changes: readonly Change[]): string {
  if (changes.length === 0) return 'No camera is concerned yet.'
  const rows = changes.map(({ before, after }) => [
    nameOf(after),
    `${number(before.budget.budget)} → ${number(after.budget.budget)}`,
    `${before.threshold.toFixed(4)} → ${after.threshold.toFixed(4)} ${after.origin}`,
    `${forecast(before)} → ${forecast(after)}`,
  ])
  const short = changes.filter(({ after }) => after.evidence.fit === null).length
  const floored = changes.filter(({ after }) => after.origin === 'floor').length
  const of = `of ${changes.length} ${changes.length === 1 ? 'camera' : 'cameras'}`
  return [
    table(['CAMERA', 'BUDGET', 'THRESHOLD', 'FALSE ALERTS A WEEK'], rows),
    ...(short === 0
      ? []
      : [
          `${short} ${of} ${short === 1 ? 'has' : 'have'} not enough evidence yet: there the forecast is the published calibration's, not the camera's.`,
        ]),
    ...(floored === 0
      ? []
      : [`${floored} ${of}: the floor (match.floor) is above what the budget asks for.`]),
  ].join('\n')
}

const FROM = { file: 'server.yaml', server: 'server', list: 'list', camera: 'camera' } as const

function nameOf(report: Report): string {
  return cameraTarget(report) + (report.list === null ? '' : ` (${report.list})`)
}

function forecast({ forecast: { expected, low, high } }: Report): string {
  if (low === null || high === null) return `${number(expected)}, not measured`
  return `${number(expected)} (${number(low)}–${number(high)})`
}

function budget(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('expected a number above 0')
}

function camera(text: string): BudgetPlace {
  if (split(text).every((part) => part !== '')) return { scope: 'camera', target: text }
  throw new InvalidArgumentError('expected AGENT/CAMERA')
}

/** An agent's name has no slash, a camera's may have. */
function split(target: string): [agent: string, camera: string] {
  const slash = target.indexOf('/')
  return slash === -1 ? [target, ''] : [target.slice(0, slash), target.slice(slash + 1)]
}
