import process from 'node:process'
import { Command } from 'commander'
import type { Watch } from '../../desk/answered/cameras.ts'
import type { Chores } from '../../desk/answered/chores.ts'
import { cameraLine, summary } from '../camera-lines.ts'
import { globalsOf, openDesk } from '../context.ts'
import { EXIT } from '../exit.ts'
import { print } from '../render.ts'

const STATUS = { green: EXIT.ok, amber: EXIT.amber, red: EXIT.red } as const

export function statusCommand(): Command {
  return new Command('status')
    .description('whether an empty screen can be believed: green, amber or red')
    .addHelpText(
      'after',
      '\nExit status: 0 green, 8 amber, 9 red, 5 when the server does not answer',
    )
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const watch = await desk.json<Watch>('GET', '/cameras')
      const entries = await desk.json<Chores>('GET', '/chores')
      print({ ...watch, entries }, globals, (all) =>
        [
          summary(all),
          ...all.cameras.filter(({ state }) => state !== 'green').map(cameraLine),
          ...choreLines(entries),
        ].join('\n'),
      )
      process.exitCode = STATUS[watch.state]
    })
}

/** What is to be done about entries; whether cameras can be believed does not depend on it. */
function choreLines({ expiring, waiting }: Chores): string[] {
  return [
    ...(expiring === 0
      ? []
      : [
          `entries that expire within 7 days: ${expiring} (vedette entries list --expires-within 7d)`,
        ]),
    ...(waiting === 0
      ? []
      : [`requests that wait for a second person: ${waiting} (vedette entries pending)`]),
  ]
}
