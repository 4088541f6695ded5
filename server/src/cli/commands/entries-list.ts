import { duration } from '@vedette/shared/config'
import { Command, InvalidArgumentError, Option } from 'commander'
import { globalsOf, openDesk } from '../context.ts'
import { allEntries } from '../entry-pages.ts'
import { entryTable } from '../entry-text.ts'
import { print } from '../render.ts'

type Options = { list?: string; state?: string; by?: string; expiresWithin?: number }

export function listCommand(): Command {
  return filtered(new Command('list'))
    .description('everybody, or those who are meant')
    .action((options: Options, command: Command) => show('', options, command))
}

export function searchCommand(): Command {
  return filtered(new Command('search'))
    .description('people by name, alias or case number; accents and case do not matter')
    .argument('<text...>')
    .action((words: string[], options: Options, command: Command) =>
      show(words.join(' '), options, command),
    )
}

function filtered(command: Command): Command {
  const states = ['pending', 'live', 'refused', 'expired']
  return command
    .option('--list <list>', 'on that list')
    .addOption(new Option('--state <state>', 'in that state').choices(states))
    .option('--expires-within <time>', 'whose time is over then: 7d', time)
    .option('--by <operator>', 'enrolled by that person')
}

async function show(text: string, options: Options, command: Command): Promise<void> {
  const globals = globalsOf(command)
  const query = new URLSearchParams()
  if (text !== '') query.set('text', text)
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) query.set(name, String(value))
  }
  await using desk = await openDesk(globals)
  print(await allEntries(desk, query), globals, (found) => entryTable(found))
}

function time(text: string): number {
  const parsed = duration.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError('expected a duration such as 12h or 7d')
}
