import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import type { Entry } from '../../store/entries.ts'
import type { PhotoRecord } from '../../store/photos.ts'
import { globalsOf, openDesk } from '../context.ts'
import { entryText } from '../entry-text.ts'
import { print, say } from '../render.ts'
import { changeCommands } from './entries-change.ts'
import { eraseCommand } from './entries-erase.ts'
import { healthCommand } from './entries-health.ts'
import { listCommand, searchCommand } from './entries-list.ts'
import { addPhotoCommand } from './entries-photos.ts'
import { reportEntryCommand } from './entries-report.ts'
import { requestCommands } from './entries-requests.ts'
import { trailCommand } from './entries-trail.ts'

export function entriesCommand(): Command {
  const entries = new Command('entries')
    .description('people on the lists')
    .addCommand(listCommand())
    .addCommand(searchCommand())
    .addCommand(showCommand())
    .addCommand(healthCommand())
    .addCommand(tightenCommand())
    .addCommand(addPhotoCommand())
    .addCommand(removePhotoCommand())
    .addCommand(eraseCommand())
    .addCommand(reportEntryCommand())
    .addCommand(trailCommand())
  for (const command of [...changeCommands(), ...requestCommands()]) entries.addCommand(command)
  return entries
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
      const photos = await desk.json<PhotoRecord[]>('GET', `/entries/${entry.id}/photos`)
      print({ ...entry, photographs: photos }, globals, () => entryText(entry, photos))
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
