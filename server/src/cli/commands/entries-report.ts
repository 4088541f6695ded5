import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Held } from '../../subject/held.ts'
import { heldPage } from '../../subject/page.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, say, when } from '../render.ts'

type Options = { page?: string; photos?: string }

/** `vedette entries report ENTRY`: everything that is held about one person. */
export function reportEntryCommand(): Command {
  return new Command('report')
    .description('everything that is held about one person, for whoever has a right to know')
    .argument('<entry>')
    .option('--page <file>', 'also write it as a page with the photographs, HTML')
    .option('--photos <folder>', 'also save the photographs as JPEG')
    .addHelpText(
      'after',
      '\nExample:\n  vedette entries report ENTRY --page held.html --reason "request of 3 May"',
    )
    .action(async (id: string, { page, photos: folder }: Options, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = `/entries/${encodeURIComponent(id)}`
      const held = await desk.json<Held>('GET', `${path}/report`)
      const photos: Buffer[] = []
      if (page !== undefined || folder !== undefined) {
        for (const { photo } of held.photos)
          photos.push(await desk.bytes(`${path}/photos/${photo}`))
      }
      if (folder !== undefined) {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        for (const [i, jpeg] of photos.entries()) {
          await writeFile(join(folder, `${held.entry.id}-${i + 1}.jpg`), jpeg, { mode: 0o600 })
        }
        say(`saved ${photos.length} photographs in ${folder}`)
      }
      if (page !== undefined) {
        await writeFile(page, heldPage(held, photos), { mode: 0o600 })
        say(`written to ${page}`)
      }
      if (!held.complete) say('You do not see every camera: alerts may be missing.')
      print(held, globals, summary)
    })
}

function summary({ entry, photos, templates, alerts, nearMisses, acts, listName, keeping }: Held) {
  const walks = nearMisses.reduce((sum, near) => sum + near.walks, 0)
  return [
    `name        ${entry.name}`,
    `list        ${listName}, ${entry.state}`,
    `since       ${when(entry.createdAt)}, by ${entry.createdBy}`,
    `until       ${when(keeping.entryUntil)}`,
    `photos      ${photos.length}`,
    `templates   ${templates.length}`,
    `alerts      ${alerts.length}`,
    `came near   ${walks} walks`,
    `on record   ${acts.length} acts`,
  ].join('\n')
}
