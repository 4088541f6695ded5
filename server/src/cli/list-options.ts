import { duration } from '@vedette/shared/config'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { DEMANDS, type Demand, type Hours, SOUNDS } from '../lists/list.ts'
import type { PolicyChange } from '../lists/policy.ts'
import { count } from './arguments.ts'
import { parseSpans } from './hours-text.ts'

const HOUR_MS = 3_600_000

/** As commander has it, who takes null for nothing said. */
type Said = Omit<PolicyChange, Renamed> & {
  cameras?: string[] | 'all'
  viewers?: string[] | 'all'
  hours?: Hours['spans'] | 'always'
  quiet?: Hours['spans'] | 'never'
  zone?: string
  demand?: Demand[]
  escalateAfter?: number | 'usual'
}
type Renamed = 'cameras' | 'viewers' | 'hours' | 'quiet' | 'kind' | 'demands' | 'escalateAfter'

/** The options that say what holds for a list. */
export function withPolicy(command: Command): Command {
  return command
    .option('--name <name>', 'what people call it')
    .option('--colour <#rrggbb>', 'how it is shown')
    .option('--priority <n>', '1 is the most urgent, 5 the least', count)
    .option('--cameras <names>', 'only there: AGENT/CAMERA or AGENT/*, with commas; or all', named)
    .option('--hours <spans>', 'only then: mon-fri 08:00-18:00, sat 22:00-06:00; or always', spans)
    .option('--zone <zone>', 'whose clocks the hours are of, such as Europe/Berlin')
    .option('--viewers <names>', 'only these operators see it, with commas; or all', named)
    .option(
      '--approvals <n>',
      '2: a new entry, and more of it, needs a second person; 1: none',
      approvals,
    )
    .option('--confirmations <n>', '2: "it is him" must be said by two persons', approvals)
    .addOption(
      new Option('--sound <how>', 'consoles speak of an alert until it is taken').choices(SOUNDS),
    )
    .option('--quiet <spans>', 'consoles are silent then: mon-sun 22:00-06:00; or never', quiet)
    .option('--board-names', 'boards that everybody sees show names')
    .option('--no-board-names', 'they show none')
    .option(
      '--demand <fields>',
      `what must be said of entries: ${DEMANDS.join(',')}; or none`,
      demands,
    )
    .option('--usual-life <time>', 'how long an entry lasts of which nothing is said: 90d', time)
    .option('--longest-life <time>', 'how long one may last until somebody extends it: 365d', time)
    .option('--escalate-after <time>', 'an alert that nobody acts upon; or usual', usually)
    .option(
      '--keep-for <time>',
      'keep faces of nobody so long to search the past: 24h; or 0h',
      hours,
    )
    .option('--keep-pictures', 'keep their pictures, too')
    .option('--no-keep-pictures', 'keep none')
}

/** What the options of `withPolicy` say; hours are of this machine's zone where no other is named. */
export function policyFrom(said: Said): PolicyChange {
  const { zone, hours, quiet, demand, cameras, viewers, escalateAfter, ...plain } = said
  if (zone !== undefined && hours === undefined && quiet === undefined) {
    throw new InvalidArgumentError('--zone needs --hours or --quiet')
  }
  const own = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  const given = {
    cameras: cameras === 'all' ? null : cameras,
    viewers: viewers === 'all' ? null : viewers,
    escalateAfter: escalateAfter === 'usual' ? null : escalateAfter,
    demands: demand,
    quiet: quiet === 'never' ? null : quiet && { zone: own, spans: quiet },
    hours: hours === 'always' ? null : hours && { zone: own, spans: hours },
  }
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...plain, ...Object.fromEntries(set) }
}

function named(text: string): string[] | 'all' {
  if (text === 'all') return text
  return text.split(',').map((name) => name.trim())
}

function spans(text: string): Hours['spans'] | 'always' {
  return text === 'always' ? text : parseSpans(text)
}

function quiet(text: string): Hours['spans'] | 'never' {
  return text === 'never' ? text : parseSpans(text)
}

function demands(text: string): Demand[] {
  if (text === 'none') return []
  return text.split(',').map((name) => {
    const known = DEMANDS.find((demand) => demand === name.trim())
    if (known !== undefined) return known
    throw new InvalidArgumentError(`'${name}' is none of: ${DEMANDS.join(', ')}`)
  })
}

function time(text: string): number {
  const parsed = duration.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError('expected a duration such as 12h or 90d')
}

function usually(text: string): number | 'usual' {
  return text === 'usual' ? text : time(text)
}

function hours(text: string): number {
  const value = time(text) / HOUR_MS
  if (Number.isInteger(value)) return value
  throw new InvalidArgumentError('expected whole hours, such as 24h')
}

function approvals(text: string): number {
  if (text !== '1' && text !== '2') throw new InvalidArgumentError('expected 1 or 2')
  return Number(text)
}
