import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { findModel } from '@vedette/models/manifest'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { readModels } from '@vedette/models/registry'
import { Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import { type Album, type AlbumOptions, dropJournal, readAlbum } from '../../evaluate/album.ts'
import { comparePairs, type PairsResult } from '../../evaluate/compare-pairs.ts'
import { type DamageKind, EVERY_DAMAGE } from '../../evaluate/damage.ts'
import { castOf, type DegradeResult, degrade } from '../../evaluate/degrade.ts'
import { checkFolder, journalOf, picturesIn } from '../../evaluate/files.ts'
import { ffmpegIsThere } from '../../evaluate/h264.ts'
import { parsePairs } from '../../evaluate/pairs-file.ts'
import { detPlot } from '../../evaluate/plot.ts'
import { type ListResult, peopleOf, searchLists } from '../../evaluate/search-lists.ts'
import type { Verification } from '../../evaluate/verification.ts'
import { decade } from '../../thresholds/published.ts'
import { count, textOf } from '../arguments.ts'
import { globalsOf, modelsFolder } from '../context.ts'
import { Progress } from '../progress.ts'
import { print, say, table } from '../render.ts'
import { videoCommand } from './evaluate-video.ts'

const usualThreads = Math.min(2, availableParallelism())

type Common = { images: string; threads: number; plot?: string; model?: string }

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('measure recognition on pictures of your own, in the terms of NIST FRTE')
    .addCommand(pairsCommand())
    .addCommand(identifyCommand())
    .addCommand(degradeCommand())
    .addCommand(videoCommand(usualThreads))
}

function pairsCommand(): Command {
  return common(new Command('pairs'))
    .description(
      '1:1, is it the same person? Accuracy, EER and TAR over labelled pairs of pictures',
    )
    .requiredOption('--pairs <file>', "LFW's pairs.txt, or a CSV with left,right,same")
    .addHelpText('after', '\nExample:\n  vedette evaluate pairs --images faces --pairs pairs.csv')
    .action(async (options: Common & { pairs: string }, command: Command) => {
      await checkFolder(options.images)
      const pairs = parsePairs(await textOf(options.pairs), options.pairs)
      const files = [...new Set(pairs.flatMap(({ left, right }) => [left, right]))]
      const [result, plot] = await evaluated(options, command, { files, far: false }, (album) => {
        const found = comparePairs(album, pairs)
        return [found, () => plotPairs(found)]
      })
      await drawn(options.plot, plot)
      print({ kind: 'pairs', ...result }, globalsOf(command), pairsText)
    })
}

function identifyCommand(): Command {
  return common(new Command('identify'))
    .description('1:N, who is it, if anybody? FNIR at a chosen FPIR for growing lists')
    .option('--gallery <n>', 'entries on the longest list', count, Number.POSITIVE_INFINITY)
    .option('--templates <k>', 'photographs enrolled of each (default: 1, and 3)', count)
    .addHelpText(
      'after',
      '\nIMAGES/PERSON/picture.jpg; people with one picture only are the strangers.',
    )
    .action(async (options: Common & IdentifyOptions, command: Command) => {
      const files = await picturesIn(options.images)
      const people = peopleOf(files)
      const depths = options.templates === undefined ? [1, 3] : [options.templates]
      const power = await decadeOf(options.model ?? DEFAULT_MODELS.embedder, command)
      const [lists, plot] = await evaluated(options, command, { files, far: true }, (album) => {
        const found = depths.flatMap((templates) =>
          searchLists(album, people, { templates, most: options.gallery, decade: power }),
        )
        if (found.length === 0) throw tooFew(Math.min(...depths))
        return [found, () => plotLists(found)]
      })
      await drawn(options.plot, plot)
      print(
        { kind: 'identify', people: people.size, images: files.length, lists },
        globalsOf(command),
        listsText,
      )
    })
}

function degradeCommand(): Command {
  return new Command('degrade')
    .description(
      'how recognition falls off with small, blurred, noisy, compressed, dark, tilted and turned faces',
    )
    .requiredOption('--images <folder>', 'IMAGES/PERSON/picture.jpg; people with one are strangers')
    .option('--gallery <n>', 'entries on the list, and strangers, at most', count, 100)
    .option('--threads <n>', 'pictures looked at side by side', count, usualThreads)
    .action(async (options: Common & { gallery: number }, command: Command) => {
      const { images, threads } = options
      const cast = castOf(peopleOf(await picturesIn(images)), options.gallery)
      const wanted = cast.list.flatMap(({ photo, probe, more }) => [photo, probe, ...more])
      const files = [...wanted, ...cast.strangers]
      const withVideo = ffmpegIsThere()
      if (!withVideo) say('no ffmpeg here: H.264 is left out (apt-get install ffmpeg)')
      const damages = EVERY_DAMAGE.filter(({ kind }) => kind !== 'h264' || withVideo)
      const power = await decadeOf(DEFAULT_MODELS.embedder, command)
      const result = await evaluated(options, command, { files, far: true }, (album) => {
        const { show: onProgress } = new Progress('damaged and looked at')
        return degrade(album, cast, {
          images,
          threads,
          models: {},
          damages,
          decade: power,
          onProgress,
        })
      })
      print({ kind: 'degrade', ...result }, globalsOf(command), degradeText)
    })
}

/** What a power of ten of strangers is worth to an embedder, if it was ever calibrated. */
async function decadeOf(id: string, command: Command): Promise<number> {
  const rows = await readModels(await modelsFolder(globalsOf(command)))
  const { calibration } = findModel(rows, 'embed', id)
  return calibration === undefined ? 0 : decade(calibration.points)
}

function tooFew(templates: number): Refusal {
  return new Refusal('evaluate.too-few', `nobody has more than ${photos(templates)}`, {
    hint: 'a person on the list needs a picture more than are enrolled: it is the probe',
  })
}

type IdentifyOptions = { gallery: number; templates?: number }

function common(command: Command): Command {
  return command
    .requiredOption('--images <folder>', 'folder of the pictures')
    .option('--threads <n>', 'pictures looked at side by side', count, usualThreads)
    .option('--model <id>', 'embedder, one that `vedette models list` shows')
    .option('--plot <file>', 'also draw the curves, as SVG')
}

/** Looks at the pictures, judges them, and forgets them: their journal outlives only an interruption. */
async function evaluated<T>(
  { images, threads, model = DEFAULT_MODELS.embedder }: Common,
  command: Command,
  { files, far }: Pick<AlbumOptions, 'files' | 'far'>,
  judge: (album: Album) => T | Promise<T>,
): Promise<T> {
  const folder = await modelsFolder(globalsOf(command))
  findModel(await readModels(folder), 'embed', model)
  const journal = journalOf(images, model, far)
  const { show: onProgress } = new Progress('looked at')
  const models = { embedder: model, folder }
  const album = await readAlbum({ images, files, threads, models, far, journal, onProgress })
  const result = await judge(album)
  await dropJournal(journal)
  return result
}

async function drawn(file: string | undefined, plot: () => Promise<string>): Promise<void> {
  if (file === undefined) return
  await writeFile(file, await plot())
  say(`drawn to ${file}`)
}

function plotPairs({ photographs, camera }: PairsResult): Promise<string> {
  const points = ({ curve }: Verification) => curve.map(({ fmr, fnmr }) => ({ x: fmr, y: fnmr }))
  return detPlot(
    [
      { name: 'two photographs', points: points(photographs) },
      { name: 'photograph and camera', points: points(camera) },
    ],
    {
      title: 'Verification: missed against mistaken',
      x: 'strangers taken for the person (FMR)',
      y: 'the person not recognised (FNMR)',
    },
  )
}

/** More lines than these, and nobody tells them apart. */
const PLOTTED_PER_DEPTH = 3

function plotLists(lists: readonly ListResult[]): Promise<string> {
  const depths = [...new Set(lists.map(({ templates }) => templates))]
  const longest = depths.flatMap((depth) =>
    lists.filter(({ templates }) => templates === depth).slice(-PLOTTED_PER_DEPTH),
  )
  const series = longest.map(({ size, templates, curve }) => ({
    name: `${size} entries, ${photos(templates)} each`,
    points: curve.map(({ fpir, fnir }) => ({ x: fpir, y: fnir })),
  }))
  return detPlot(series, {
    title: 'Identification: missed against false alarms',
    x: 'strangers flagged (FPIR)',
    y: 'wanted faces missed (FNIR)',
  })
}

function pairsText({ images, failuresToEnrol, photographs, camera }: PairsResult): string {
  const row = (name: string, { accuracy, accuracyError, auc, eer, tar }: Verification) => [
    name,
    `${percent(accuracy)} ± ${percent(accuracyError)}`,
    auc.toFixed(4),
    percent(eer),
    ...tar.slice(1, 3).map((point) => percent(point.tar)),
  ]
  const heading = ['compared', 'accuracy', 'AUC', 'EER', 'TAR at FAR 1 %', 'TAR at FAR 0.1 %']
  const rows = [row('two photographs', photographs), row('photograph and camera', camera)]
  const failed = failuresToEnrol.map(({ file, reason }) => `  ${file}: ${reason}`)
  return [
    `${photographs.pairs} pairs of ${images} pictures, ${photographs.failures} pairs without a score counted as errors`,
    '',
    table(heading, rows),
    ...(failed.length > 0 ? ['', 'Failures to enrol:', ...failed] : []),
  ].join('\n')
}

function listsText({
  people,
  images,
  lists,
}: {
  people: number
  images: number
  lists: ListResult[]
}): string {
  const rows = lists.map(({ size, templates, rank1, rates, mated, nonMated }) => [
    String(size),
    photos(templates),
    percent(rank1),
    ...rates.map(({ fnir, threshold }) => `${percent(fnir)} from ${threshold.toFixed(3)}`),
    `${mated} / ${nonMated}`,
  ])
  const at = lists[0]?.rates.map(({ fpir }) => `FNIR at FPIR ${percent(fpir)}`) ?? []
  const heading = ['entries', 'each', 'rank 1', ...at, 'mated / strangers']
  return [`${people} people, ${images} pictures`, '', table(heading, rows)].join('\n')
}

const UNITS: Record<DamageKind, (level: number) => string> = {
  size: (level) => `eyes ${level} pixels apart`,
  blur: (level) => `blurred over ${level} % of the eye distance`,
  noise: (level) => `noise of ${level} in 255`,
  jpeg: (level) => `JPEG quality ${level}`,
  h264: (level) => `H.264 at CRF ${level}`,
  darkness: (level) => `${level} % of the light`,
  roll: (level) => `tilted ${level}°`,
}

function degradeText({ entries, strangers, threshold, rows, turns }: DegradeResult): string {
  const lines = rows.map(({ damage, fnir, fpir, failures }) => [
    damage === undefined ? 'as they are' : UNITS[damage.kind](damage.level),
    percent(fnir),
    percent(fpir),
    percent(failures),
  ])
  const about = `${entries} entries with 1 photo, ${strangers} strangers, threshold ${threshold.toFixed(3)}`
  const turned = turns.map(({ from, to, faces, fnir }) => [
    `turned aside ${from}–${to}°`,
    percent(fnir),
    String(faces),
  ])
  return [
    about,
    '',
    table(['faces', 'missed (FNIR)', 'flagged (FPIR)', 'not found'], lines),
    '',
    table(['faces as they are', 'missed (FNIR)', 'how many'], turned),
  ].join('\n')
}

const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`
const photos = (templates: number) => (templates === 1 ? '1 photo' : `${templates} photos`)
