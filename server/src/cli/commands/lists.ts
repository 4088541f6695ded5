import { Command } from 'commander'
import type { CountedList } from '../../desk/answered/lists.ts'
import type { ListChanged } from '../../desk/routes/lists.ts'
import type { List, Sound } from '../../lists/list.ts'
import { globalsOf, openDesk } from '../context.ts'
import { hoursText } from '../hours-text.ts'
import { policyFrom, withPolicy } from '../list-options.ts'
import { print, table } from '../render.ts'
import { span } from '../span.ts'

export function listsCommand(): Command {
  return new Command('lists')
    .description('whom to look for, where, when, and who must consent')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(addCommand())
    .addCommand(setCommand())
    .addCommand(removeCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('every list, the most urgent first')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<CountedList[]>('GET', '/lists'), globals, (lists) =>
        table(
          ['LIST', 'NAME', 'PRIORITY', 'LIVE', 'PERSONS', 'WHERE', 'WHEN'],
          lists.map((list) => [
            list.id,
            list.name,
            String(list.priority),
            String(list.live),
            list.approvals === 2 ? 'two' : 'one',
            list.cameras?.join(', ') ?? 'everywhere',
            hoursText(list.hours),
          ]),
        ),
      )
    })
}

function showCommand(): Command {
  return new Command('show')
    .description('what holds for one list')
    .argument('<list>')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const list = await desk.json<CountedList>('GET', `/lists/${encodeURIComponent(id)}`)
      print(list, globals, (found) => `${policyText(found)}\nlive       ${found.live} entries`)
    })
}

function addCommand(): Command {
  return withPolicy(new Command('add'))
    .description('add a list')
    .argument('<list>', 'its id: lower-case letters, digits and hyphens')
    .addHelpText(
      'after',
      '\nExample:\n  vedette lists add missing --name "Missing children" --priority 1 --approvals 2',
    )
    .action(async (id: string, options: object, command: Command) => {
      const globals = globalsOf(command)
      const policy = policyFrom(options)
      await using desk = await openDesk(globals)
      print(await desk.json<List>('POST', '/lists', { id, ...policy }), globals, policyText)
    })
}

function setCommand(): Command {
  return withPolicy(new Command('set'))
    .description('change what holds for a list')
    .argument('<list>')
    .addHelpText(
      'after',
      '\nWhere two persons are needed, asking for less waits for the second: vedette entries pending',
    )
    .action(async (id: string, options: object, command: Command) => {
      const globals = globalsOf(command)
      const policy = policyFrom(options)
      await using desk = await openDesk(globals)
      const path = `/lists/${encodeURIComponent(id)}`
      print(await desk.json<ListChanged>('PATCH', path, policy), globals, ({ list, request }) =>
        request === undefined
          ? policyText(list)
          : `waits for a second person: vedette entries approve ${request}\nuntil then the list stays as it is`,
      )
    })
}

function removeCommand(): Command {
  return new Command('remove')
    .description('remove a list that nobody is on')
    .argument('<list>')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      await desk.json('DELETE', `/lists/${encodeURIComponent(id)}`)
      print({ removed: id }, globals, () => `removed list ${id}`)
    })
}

const SPOKEN: Record<Sound, string> = {
  repeat: 'until somebody takes it',
  once: 'once',
  off: 'never',
}

function policyText(list: List): string {
  const { approvals, keepFor, keepPictures, demands, escalateAfter } = list
  const pictures = keepPictures ? ', with pictures' : ''
  return [
    `list       ${list.id}`,
    `name       ${list.name}`,
    `kind       ${list.kind}`,
    `priority   ${list.priority}, colour ${list.colour}`,
    `where      ${list.cameras?.join(', ') ?? 'every camera'}`,
    `when       ${hoursText(list.hours)}`,
    `seen by    ${list.viewers?.join(', ') ?? 'everybody whose account reaches it'}`,
    `persons    ${approvals === 2 ? 'two must consent' : 'one is enough'}`,
    `confirmed  ${list.confirmations === 2 ? 'by two persons' : 'by one person'}`,
    `spoken     ${SPOKEN[list.sound]}${list.quiet === null ? '' : `, silent ${hoursText(list.quiet)}`}`,
    `boards     ${list.boardNames ? 'show names' : 'show no names'}`,
    `demands    ${demands.join(', ') || 'nothing but a name'}`,
    `life       ${span(list.usualLife)}, at most ${span(list.longestLife)} at a time`,
    `past       ${keepFor === 0 ? 'nothing is kept of who matches nobody' : `kept ${keepFor} h${pictures}`}`,
    `escalated  ${escalateAfter === null ? 'as usual for its priority' : `after ${span(escalateAfter)}`}`,
  ].join('\n')
}
