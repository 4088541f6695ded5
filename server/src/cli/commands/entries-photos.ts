import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import { FormData } from 'undici'
import type { AddedTo } from '../../gallery/enrolment-answer.ts'
import { globalsOf, openDesk } from '../context.ts'
import { findingsLines } from '../enrolment-text.ts'
import { print } from '../render.ts'

type Options = { face?: string; source?: string; taken?: string; anyway?: true }

export function addPhotoCommand(): Command {
  return new Command('add-photo')
    .description('add photographs to a person, checked as those of a new entry are')
    .argument('<entry>')
    .argument('<photo...>', 'JPEG, PNG or WebP, one face each')
    .option('--face <n>', 'which face, counted from the left, where there are several')
    .option('--source <words>', 'where they are from')
    .option('--taken <day>', 'when they were taken')
    .option('--anyway', 'though they do not look like one person')
    .action(async (id: string, files: string[], options: Options, command: Command) => {
      const globals = globalsOf(command)
      const form = await formOf(files, options)
      await using desk = await openDesk(globals)
      const path = `/entries/${encodeURIComponent(id)}/photos`
      print(await desk.json<AddedTo>('POST', path, form), globals, (added) => {
        const { entry, request } = added
        const waits = [
          `waits     for a second person: vedette entries approve ${request}`,
          'until     then they find nobody',
        ]
        const done = [`added     ${entry?.name} has ${entry?.photos} photographs now`]
        return [...(request === undefined ? done : waits), ...findingsLines(added)].join('\n')
      })
    })
}

async function formOf(files: readonly string[], options: Options): Promise<FormData> {
  const { face, source, taken, anyway } = options
  const every = (word: string | undefined) => word && files.map(() => word).join('\n')
  const fields = { face, sources: every(source), taken: every(taken), anyway: anyway && 'true' }
  const form = new FormData()
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined) form.append(field, value)
  }
  for (const file of files) {
    const bytes = await readFile(file).catch((cause) => {
      throw new Refusal('photo.unreadable', `cannot read ${file}: ${cause.message}`, { cause })
    })
    form.append('photo', new Blob([new Uint8Array(bytes)]), basename(file))
  }
  return form
}
