import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '@vedette/shared/errors'
import { Command } from 'commander'
import type { NamedAlert } from '../../desk/named.ts'
import type { Basis } from '../../evidence/basis.ts'
import type { Step } from '../../store/alerts.ts'
import type { EvidenceFrame } from '../../store/evidence.ts'
import { explain } from '../alert-lines.ts'
import { savePicture } from '../alert-picture.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, say } from '../render.ts'

type ShowOptions = { picture?: string; frames?: string }

export function showCommand(): Command {
  return new Command('show')
    .description('one alert: its frames, all that happened to it, and its picture')
    .argument('<alert>')
    .option('--picture <file>', 'save both pictures, enrolled and seen, as one JPEG')
    .option('--frames <folder>', 'save the picture of every frame it rests on')
    .action(async (id: string, options: ShowOptions, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = `/alerts/${encodeURIComponent(id)}`
      const alert = await desk.json<NamedAlert>('GET', path)
      const frames = await desk.json<EvidenceFrame[]>('GET', `${path}/frames`)
      const life = await desk.json<Step[]>('GET', `${path}/life`)
      // Gone with the entry, if that is gone.
      const basis = await desk.json<Basis | null>('GET', `${path}/basis`).catch(gone)
      if (options.picture !== undefined) await savePicture(desk, alert, options.picture)
      for (const [i, { track, shot }] of options.frames === undefined ? [] : frames.entries()) {
        const file = join(options.frames!, `${id}-${i + 1}.jpg`)
        const name = `${encodeURIComponent(track)}/${shot}`
        await writeFile(file, await desk.bytes(`${path}/frames/${name}`))
        say(`saved ${file}`)
      }
      print({ ...alert, frames, life, basis }, globals, explain)
    })
}

function gone(error: unknown): null {
  if (codeOf(error) === 'entry.not-found') return null
  throw error
}
