import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import { FormData } from 'undici'
import type { Entry } from '../../store/entries.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print } from '../render.ts'

type Options = { name: string; list: string; note: string; face?: string }

export function enrollCommand(): Command {
  return new Command('enroll')
    .description('put a person on the list, from one or more photographs')
    .argument('<photo...>', 'JPEG, PNG or WebP, one face each')
    .requiredOption('--name <name>', 'who it is')
    .option('--list <list>', 'which list', 'wanted')
    .option('--note <words>', 'what the operator should know', '')
    .option('--face <n>', 'which face, counted from the left, where there are several')
    .addHelpText('after', '\nExample:\n  vedette enroll front.jpg side.jpg --name "Jane Doe"')
    .action(async (files: string[], options: Options, command: Command) => {
      const globals = globalsOf(command)
      const form = new FormData()
      for (const key of ['name', 'list', 'note', 'face'] as const) {
        const value = options[key]
        if (value !== undefined) form.append(key, value)
      }
      for (const file of files) form.append('photo', await photoOf(file), basename(file))
      await using desk = await openDesk(globals)
      const entry = await desk.json<Entry>('POST', '/entries', form)
      print(entry, globals, ({ id, name, list, photos }) => {
        const count = photos === 1 ? '1 photo' : `${photos} photos`
        return `enrolled  ${name} on list ${list} with ${count}\nentry     ${id}`
      })
    })
}

async function photoOf(file: string): Promise<Blob> {
  const bytes = await readFile(file).catch((cause) => {
    throw new Refusal('photo.unreadable', `cannot read ${file}: ${cause.message}`, { cause })
  })
  return new Blob([new Uint8Array(bytes)])
}
