import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { messageOf, Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import { FormData } from 'undici'
import type { PastStatus } from '../../desk/answered/past.ts'
import type { Answer } from '../../past/answer.ts'
import { pastPlot } from '../../past/plot.ts'
import { globalsOf, openDesk } from '../context.ts'
import { answerText, statusText } from '../past-text.ts'
import { beginning, end } from '../period.ts'
import { print, say } from '../render.ts'

type Options = {
  since?: number
  until?: number
  camera: string[]
  list?: string
  face?: string
  near?: true
  plot?: string
}

export function searchCommand(): Command {
  return new Command('search')
    .description(
      'where and when somebody was seen, in what lists had kept of faces that matched nobody',
    )
    .argument('<photo>', 'JPEG, PNG or WebP, one face; it is not kept')
    .option('--since <when>', 'a day, a time, or so long ago (default: 24h)', beginning)
    .option('--until <when>', 'the same; a day is meant whole (default: now)', end)
    .option('--camera <camera...>', 'AGENT/CAMERA; all if left out', [])
    .option('--list <list>', 'only what was kept for this list')
    .option('--face <n>', 'which face, counted from the left, where there are several')
    .option('--near', 'also who comes near to what is needed: likely somebody else')
    .option('--plot <file>', 'draw cameras and sightings along the time, SVG')
    .addHelpText(
      'after',
      '\nA reason is required, and recorded.\n\nExample:\n  vedette search face.jpg --since 24h --reason "case 4711" --plot day.svg',
    )
    .action(async (file: string, options: Options, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const answer = await desk.json<Answer>('POST', '/past/search', await formOf(file, options))
      if (options.plot !== undefined) {
        await writeFile(options.plot, await pastPlot(answer))
        say(`written to ${options.plot}`)
      }
      print(answer, globals, answerText)
    })
}

export function pastCommand(): Command {
  return new Command('past')
    .description('what is kept of faces that matched nobody, and for which lists')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<PastStatus>('GET', '/past'), globals, statusText)
    })
}

async function formOf(file: string, options: Options): Promise<FormData> {
  const { since = beginning('24h'), until, camera, list, face, near } = options
  const bytes = await readFile(file).catch((cause) => {
    throw new Refusal('photo.unreadable', `cannot read ${file}: ${messageOf(cause)}`, { cause })
  })
  const form = new FormData()
  form.append('since', String(since))
  if (until !== undefined) form.append('until', String(until))
  if (camera.length > 0) form.append('cameras', camera.join(','))
  if (list !== undefined) form.append('list', list)
  if (face !== undefined) form.append('face', face)
  if (near) form.append('near', '1')
  form.append('photo', new Blob([new Uint8Array(bytes)]), basename(file))
  return form
}
