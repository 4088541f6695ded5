import { availableParallelism } from 'node:os'
import { basename, resolve } from 'node:path'
import { type Calibration, findModel, isBuiltIn } from '@vedette/models/manifest'
import { readModels, saveRow, unplaced } from '@vedette/models/registry'
import { type Verified, verifyModel } from '@vedette/models/verify'
import { Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import { dropJournal, readAlbum } from '../../evaluate/album.ts'
import { calibrate } from '../../evaluate/calibrate.ts'
import { journalOf, picturesIn } from '../../evaluate/files.ts'
import { peopleOf } from '../../evaluate/search-lists.ts'
import { count } from '../arguments.ts'
import { globalsOf, modelsFolder } from '../context.ts'
import { Progress } from '../progress.ts'
import { print, say, table } from '../render.ts'

const usualThreads = Math.min(2, availableParallelism())

export function verifyCommand(): Command {
  return new Command('verify')
    .description('check the files again, and try every model on a photograph')
    .argument('[id]', 'only this one')
    .action(async (id: string | undefined, _options: object, command: Command) => {
      const folder = await modelsFolder(globalsOf(command))
      const rows = (await readModels(folder)).filter((row) => id === undefined || row.id === id)
      if (rows.length === 0) throw notFound(id ?? '')
      const verified: Verified[] = []
      for (const row of rows) {
        verified.push(await verifyModel(row, { runtime: 'onnx', threads: 1, folder }))
      }
      print(verified, globalsOf(command), (models) =>
        table(
          ['MODEL', 'TASK', 'SEEN'],
          models.map((model) => [model.id, model.task, seenText(model)]),
        ),
      )
    })
}

export function calibrateCommand(): Command {
  return new Command('calibrate')
    .description('measure how much alike strangers are to an embedder, on pictures of your own')
    .argument('<id>')
    .requiredOption('--images <folder>', 'IMAGES/PERSON/picture.jpg, 64 people or more')
    .option('--threads <n>', 'pictures looked at side by side', count, usualThreads)
    .action(async (id: string, options: { images: string; threads: number }, command: Command) => {
      const globals = globalsOf(command)
      const folder = await modelsFolder(globals)
      const row = findModel(await readModels(folder), 'embed', id)
      const calibration = await measured(id, folder, options)
      if (isBuiltIn(row))
        say(`${id} keeps the calibration that it ships with; this one is only shown`)
      else await saveRow(folder, { ...(unplaced(row) as typeof row), calibration })
      print({ id, ...calibration }, globals, calibrationText)
    })
}

async function measured(
  id: string,
  folder: string,
  { images, threads }: { images: string; threads: number },
): Promise<Calibration> {
  const everything = await picturesIn(images)
  const people = peopleOf(everything)
  const files = [...people.values()].flatMap((own) => [...new Set([own[0]!, own.at(-1)!])])
  const journal = journalOf(images, id, false)
  const { show: onProgress } = new Progress('looked at')
  const models = { embedder: id, folder }
  const album = await readAlbum({
    images,
    files,
    threads,
    models,
    far: false,
    journal,
    onProgress,
  })
  const calibration = calibrate(
    album,
    people,
    `pictures of the operator, ${basename(resolve(images))}`,
  )
  await dropJournal(journal)
  return calibration
}

function seenText(model: Verified): string {
  if (model.task !== 'embed') return `${model.found} of ${model.of} faces`
  return `one person ${model.same.toFixed(3)} and more, two people ${model.different.toFixed(3)} and less`
}

function calibrationText({ measured: on, floor, points }: Calibration): string {
  const rows = points.map(({ falseMatchRate, similarity }) => [
    String(falseMatchRate),
    similarity.toFixed(4),
  ])
  return [on, '', table(['STRANGERS', 'SIMILARITY'], rows), '', `floor ${floor.toFixed(4)}`].join(
    '\n',
  )
}

function notFound(id: string): Refusal {
  return new Refusal('model.not-found', `no model ${id}`, { hint: 'see: vedette models list' })
}
