import { Command } from 'commander'
import type { NamedRejection } from '../../desk/answered/rejections.ts'
import type { NamedAlert } from '../../desk/named.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, table, when } from '../render.ts'

export function rejectionsCommand(): Command {
  return new Command('rejections')
    .description('people of whom an operator said "not him" (see: vedette alerts reject)')
    .addCommand(listCommand())
    .addCommand(undoCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('what was rejected, newest first')
    .option('--entry <id>', 'only of one entry')
    .action(async (options: { entry?: string }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const query = options.entry === undefined ? '' : `?entry=${encodeURIComponent(options.entry)}`
      print(await desk.json<NamedRejection[]>('GET', `/rejections${query}`), globals, (found) =>
        table(
          ['REJECTION', 'NOT', 'ALERT', 'SAID', 'BY'],
          found.map(({ id, name, alertId, at, by }) => [id, name, alertId, when(at), by]),
        ),
      )
    })
}

function undoCommand(): Command {
  return new Command('undo')
    .description('take a rejection back: it may have been that person')
    .argument('<rejection>')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const alert = await desk.json<NamedAlert>('DELETE', `/rejections/${encodeURIComponent(id)}`)
      print(alert, globals, () => `undone; alert ${alert.id} is open again`)
    })
}
