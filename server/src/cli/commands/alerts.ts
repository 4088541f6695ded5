import { Command, InvalidArgumentError, Option } from 'commander'
import { ALERT_STATES, OUTCOMES } from '../../alerts/life.ts'
import type { NamedAlert } from '../../desk/named.ts'
import { nameOf, stateOf } from '../alert-lines.ts'
import { globalsOf, openDesk } from '../context.ts'
import { beginning } from '../period.ts'
import { print, table, when } from '../render.ts'
import { reported } from '../reported.ts'
import { exportCommand } from './alerts-export.ts'
import { parkCommand, takeCommand, undoCommand } from './alerts-handle.ts'
import {
  acknowledgeCommand,
  confirmCommand,
  rejectCommand,
  reopenCommand,
  resolveCommand,
} from './alerts-judge.ts'
import { showCommand } from './alerts-show.ts'
import { watchCommand } from './alerts-watch.ts'

export function alertsCommand(): Command {
  return new Command('alerts')
    .description('what the cameras found')
    .addCommand(watchCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(acknowledgeCommand())
    .addCommand(takeCommand())
    .addCommand(parkCommand())
    .addCommand(confirmCommand())
    .addCommand(resolveCommand())
    .addCommand(rejectCommand())
    .addCommand(reopenCommand())
    .addCommand(undoCommand())
    .addCommand(exportCommand())
}

/** Of a list that is gone. */
const LEAST_URGENT = 6

type ListOptions = {
  state?: string
  outcome?: string
  incident?: string
  list?: string
  entry?: string
  camera?: { agent: string; camera: string }
  since?: number
  limit: string
  by: 'time' | 'priority'
}

function listCommand(): Command {
  return new Command('list')
    .description('alerts, newest first')
    .addOption(new Option('--state <state>').choices(ALERT_STATES))
    .addOption(new Option('--outcome <outcome>', 'what they turned out to be').choices(OUTCOMES))
    .option('--list <list>', 'only about people on one list')
    .option('--entry <id>', 'only about one person')
    .option('--camera <agent/camera>', 'only of one camera', camera)
    .option('--since <time>', 'seen since then: 24h, 7d, or a day', beginning)
    .option('--incident <id>', 'only those of one incident')
    .option('--limit <n>', 'at most that many', '50')
    .addOption(
      new Option('--by <order>', 'the newest first, or of these the most urgent lists first')
        .choices(['time', 'priority'])
        .default('time'),
    )
    .action(async ({ camera: place, by, ...options }: ListOptions, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const query = new URLSearchParams()
      for (const [key, value] of Object.entries({ ...options, ...place })) {
        if (value !== undefined) query.set(key, String(value))
      }
      const found = await desk.json<NamedAlert[]>('GET', `/alerts?${query}`)
      print(by === 'time' ? found : found.toSorted(byUrgency), globals, (alerts) =>
        table(
          [
            'ALERT',
            'SEEN',
            'REPORTED',
            'NAME',
            'LIST',
            'PRIORITY',
            'CAMERA',
            'SCORE',
            'NEEDED',
            'EVIDENCE',
            'STATE',
          ],
          alerts.map((alert) => [
            alert.id,
            when(alert.capturedAt),
            reported(alert),
            nameOf(alert),
            alert.listName ?? alert.list,
            String(alert.priority ?? ''),
            `${alert.agent}/${alert.camera}`,
            alert.score.toFixed(3),
            alert.threshold.toFixed(3),
            alert.certainty,
            stateOf(alert),
          ]),
        ),
      )
    })
}

/** As they came, those of more urgent lists before others. */
function byUrgency(one: NamedAlert, other: NamedAlert): number {
  return (one.priority ?? LEAST_URGENT) - (other.priority ?? LEAST_URGENT)
}

function camera(text: string): { agent: string; camera: string } {
  const slash = text.indexOf('/')
  if (slash < 1) throw new InvalidArgumentError('expected AGENT/CAMERA')
  return { agent: text.slice(0, slash), camera: text.slice(slash + 1) }
}
