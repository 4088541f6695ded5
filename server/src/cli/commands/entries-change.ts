import { Command, InvalidArgumentError } from 'commander'
import type { Changed } from '../../entries/register.ts'
import type { Entry } from '../../store/entries.ts'
import { globalsOf, openDesk } from '../context.ts'
import { entryText } from '../entry-text.ts'
import { expiryFrom } from '../expiry.ts'
import { print, when } from '../render.ts'

export function changeCommands(): Command[] {
  return [
    editCommand(),
    extendCommand(),
    expireCommand(),
    moveCommand(),
    mergeCommand(),
    splitCommand(),
  ]
}

function editCommand(): Command {
  return new Command('edit')
    .description('say something else of a person; an empty text takes it away')
    .argument('<entry>')
    .option('--name <name>')
    .option('--aliases <names>', 'other names, with commas', (text) => listOf(text))
    .option('--because <words>', 'why this person is looked for')
    .option('--legal-basis <words>', 'the law, or the warrant')
    .option('--authority <words>', 'whose case it is')
    .option('--case <number>', 'the number of the case')
    .option('--note <words>', 'what the operator should know')
    .action(async (id: string, options: Edits, command: Command) => {
      const globals = globalsOf(command)
      const { because: reason, case: caseNumber, ...said } = options
      await using desk = await openDesk(globals)
      const body = { ...said, reason, caseNumber }
      print(await desk.json<Entry>('PATCH', pathOf(id), body), globals, (entry) =>
        entryText(entry, []),
      )
    })
}

type Edits = { because?: string; case?: string; name?: string; aliases?: string[] }

function extendCommand(): Command {
  return new Command('extend')
    .description('set until when an entry stays, also of one that has expired')
    .argument('<entry>')
    .option('--expires <time>', '30d, or a day: 2027-01-31; else as usual for its list', expiry)
    .action((id: string, { expires }: { expires?: number }, command: Command) =>
      change(id, 'extend', { expiresAt: expires }, command, ({ name, expiresAt }) => {
        return `${name} is looked for until ${when(expiresAt)}`
      }),
    )
}

function expireCommand(): Command {
  return new Command('expire')
    .description("end an entry's time now: it matches nobody any more, and can be extended again")
    .argument('<entry>')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<Entry>('POST', `${pathOf(id)}/expire`, {}), globals, ({ name }) => {
        return `${name} is looked for no longer`
      })
    })
}

function moveCommand(): Command {
  return new Command('move')
    .description('put an entry on another list, with its alerts')
    .argument('<entry>')
    .requiredOption('--list <list>', 'where to')
    .action((id: string, { list }: { list: string }, command: Command) =>
      change(id, 'move', { list }, command, ({ name }) => `${name} is on list ${list}`),
    )
}

function mergeCommand(): Command {
  return new Command('merge')
    .description('make one entry of two that are the same person: the first one stays')
    .argument('<entry>', 'stays, with its name, list and expiry')
    .argument('<other>', 'its photographs, alerts and names go over, and it is gone')
    .action((id: string, from: string, _options: object, command: Command) =>
      change(id, 'merge', { from }, command, ({ name, photos }) => {
        return `${name} has ${photos} photographs now; ${from} is no more`
      }),
    )
}

function splitCommand(): Command {
  return new Command('split')
    .description('give photographs that are of somebody else an entry of their own')
    .argument('<entry>')
    .requiredOption('--photos <numbers>', 'which, with commas: 2,3', (text) => numbersOf(text))
    .requiredOption('--name <name>', 'who that is')
    .action((id: string, split: { photos: number[]; name: string }, command: Command) =>
      change(id, 'split', split, command, ({ name, photos }) => {
        return `${name} keeps ${photos} photographs; see: vedette entries search ${split.name}`
      }),
    )
}

async function change(
  id: string,
  what: string,
  body: object,
  command: Command,
  done: (entry: Entry) => string,
): Promise<void> {
  const globals = globalsOf(command)
  await using desk = await openDesk(globals)
  const path = `${pathOf(id)}/${what}`
  print(await desk.json<Changed>('POST', path, body), globals, ({ entry, request }) =>
    request === undefined
      ? done(entry)
      : `waits for a second person: vedette entries approve ${request}\nuntil then nothing changes`,
  )
}

function pathOf(id: string): string {
  return `/entries/${encodeURIComponent(id)}`
}

function expiry(text: string): number {
  return expiryFrom(text)
}

function listOf(text: string): string[] {
  return text.split(',').flatMap((name) => name.trim() || [])
}

function numbersOf(text: string): number[] {
  const numbers = text.split(',').map(Number)
  if (numbers.every((number) => Number.isInteger(number) && number > 0)) return numbers
  throw new InvalidArgumentError('expected numbers of photographs, such as 2,3')
}
