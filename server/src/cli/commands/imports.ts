import { Command } from 'commander'
import type { OpenedImport } from '../../desk/routes/imports.ts'
import type { Import } from '../../store/imports.ts'
import { count } from '../arguments.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, say, table, when } from '../render.ts'

/** `vedette imports`: leave to enrol many, and who gave it. */
export function importsCommand(): Command {
  return new Command('imports')
    .description('leave to enrol many: asked for by one operator, given by another')
    .addCommand(openCommand())
    .addCommand(listCommand())
    .addCommand(decideCommand('approve', 'give leave for what another operator has asked'))
    .addCommand(decideCommand('close', 'end it; what is left of it is not drawn any more'))
}

function openCommand(): Command {
  return new Command('open')
    .description('ask for leave to enrol so many photographs; say why with --reason')
    .argument('<photos>', 'how many photographs', count)
    .option('--hours <hours>', 'how long it may last once it is given, 72 at most', count, 8)
    .addHelpText(
      'after',
      '\nExample:\n  vedette imports open 400 --reason "the list of the old system"',
    )
    .action(async (photos: number, { hours }: { hours: number }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const opened = await desk.json<OpenedImport>('POST', '/imports', { photos, hours })
      print(opened, globals, ({ id }) => id)
      if (opened.state === 'open') return say('It is open: nobody else is there to be asked.')
      const { approvers } = opened
      say(
        approvers.length > 0
          ? `One of these gives leave with: vedette imports approve ${opened.id}\n  ${approvers.join(', ')}`
          : 'Nobody could give leave: make an approver with vedette users add, or set enrolment: { bulkApproval: off }',
      )
    })
}

function listCommand(): Command {
  return new Command('list')
    .description('every import, the newest first')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<Import[]>('GET', '/imports'), globals, (all) =>
        table(
          ['IMPORT', 'STATE', 'BY', 'ASKED', 'USED', 'GIVEN BY', 'UNTIL', 'WHY'],
          all.map((one) => [
            one.id,
            one.state,
            one.openedBy,
            when(one.openedAt),
            `${one.used} of ${one.photos}`,
            one.approvedBy ?? '',
            one.until === null ? '' : when(one.until),
            one.reason,
          ]),
        ),
      )
    })
}

function decideCommand(verb: 'approve' | 'close', words: string): Command {
  return new Command(verb)
    .description(words)
    .argument('<import>')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = `/imports/${encodeURIComponent(id)}/${verb}`
      const { state, photos, used, until } = await desk.json<Import>('POST', path, {})
      const end = until === null ? '' : ` until ${when(until)}`
      print(
        { id, state, photos, used, until },
        globals,
        () => `${state}, ${used} of ${photos} used${end}`,
      )
    })
}
