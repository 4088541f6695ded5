import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import type { Entry } from '../../store/entries.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, say, table, when } from '../render.ts'
import { healthCommand } from './entries-health.ts'
import { reportEntryCommand } from './entries-report.ts'

export function entriesCommand(): Command {
  return new Command('entries')
    .description('people on the list')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(healthCommand())
    .addCommand(tightenCommand())
    .addCommand(removePhotoCommand())
    .addCommand(removeCommand())
    .addCommand(reportEntryCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('everybody on the list')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<Entry[]>('GET', '/entries'), globals, (entries) =>
        table(
          ['ENTRY', 'NAME', 'LIST', 'PHOTOS', 'SINCE', 'BY'],
          entries.map(({ id, name, list, photos, createdAt, createdBy }) => [
            id,
            name,
            list,
            String(photos),
            when(createdAt),
            createdBy,
          ]),
        ),
      )
    })
}

function showCommand(): Command {
  return new Command('show')
    .description('one person, and the photographs kept')
    .argument('<entry>')
    .option('--photo <file>', 'save the first photograph as JPEG')
    .action(async (id: string, options: { photo?: string }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const entry = await desk.json<Entry>('GET', `/entries/${encodeURIComponent(id)}`)
      if (options.photo !== undefined) {
        await writeFile(options.photo, await desk.bytes(`/entries/${entry.id}/photos/1`))
        say(`saved ${options.photo}`)
      }
      print(entry, globals, ({ name, list, note, photos, createdAt, createdBy }) =>
        [
          `name    ${name}`,
          `list    ${list}`,
          `photos  ${photos}`,
          `since   ${when(createdAt)}, by ${createdBy}`,
          ...(note ? [`note    ${note}`] : []),
        ].join('\n'),
      )
    })
}

function tightenCommand(): Command {
  return new Command('tighten')
    .description('ask for more before somebody is taken for this person')
    .argument('<entry>')
    .requiredOption('--factor <n>', 'false alerts so many times rarer than usual; 1 is as usual')
    .action(async (id: string, { factor }: { factor: string }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = `/entries/${encodeURIComponent(id)}/strictness`
      const entry = await desk.json<Entry>('POST', path, { factor: Number(factor) })
      print(entry, globals, ({ name, strictness }) =>
        strictness === 1
          ? `${name} is matched as everybody else`
          : `false alerts about ${name} are to be ${strictness} times rarer than usual`,
      )
    })
}

function removePhotoCommand(): Command {
  return new Command('remove-photo')
    .description('take one photograph away (1 is the first), with its templates')
    .argument('<entry>')
    .argument('<photo>')
    .action(async (id: string, photo: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = `/entries/${encodeURIComponent(id)}/photos/${encodeURIComponent(photo)}`
      const entry = await desk.json<Entry>('DELETE', path)
      print(entry, globals, ({ photos }) => `removed photograph ${photo} of ${id}; ${photos} left`)
    })
}

function removeCommand(): Command {
  return new Command('remove')
    .description('take a person off the list, with key, photographs and templates')
    .argument('<entry>')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      await desk.json('DELETE', `/entries/${encodeURIComponent(id)}`)
      print({ removed: id }, globals, () => `removed ${id}`)
    })
}
