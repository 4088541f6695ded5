import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { InstalledRow } from '@vedette/models/manifest'
import { checkVacant, installModel, parseRow } from '@vedette/models/registry'
import { findPublished } from '@vedette/models/zoo'
import { messageOf, Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import { globalsOf, modelsFolder } from '../context.ts'
import { download } from '../download.ts'
import { Progress } from '../progress.ts'
import { print, say } from '../render.ts'

type Installed = { id: string; task: string; file: string; licence: string }

export function installCommand(): Command {
  return new Command('install')
    .description('install published models by name, checked by size and SHA-256')
    .argument('<id...>', 'yunet (detector), sface (embedder)')
    .option('--from <file...>', 'files carried here by hand, instead of fetching them')
    .action(async (ids: string[], { from }: { from?: string[] }, command: Command) => {
      const folder = await modelsFolder(globalsOf(command))
      const published = await Promise.all(ids.map(findPublished))
      for (const { row } of published) await checkVacant(folder, row)
      const carried = await Promise.all((from ?? []).map(bytesOf))
      const installed: Installed[] = []
      for (const [i, { row, url }] of published.entries()) {
        const bytes = from === undefined ? await fetched(url, row) : oneOf(carried, row, i)
        await installModel(folder, row, bytes)
        installed.push(installedOf(folder, row))
      }
      print(installed, globalsOf(command), installedText)
      const uncalibrated = published.find(({ row }) => row.task === 'embed')
      if (uncalibrated) sayNext(uncalibrated.row.id)
    })
}

type AddOptions = {
  row?: string
  id?: string
  alignment?: string
  size?: string
  length?: string
  order?: string
  mean?: string
  scale?: string
  decoder?: string
  licence?: string
  notice?: string
}

export function addCommand(): Command {
  return new Command('add')
    .description('install a model of your own: an ONNX file, and what its manifest row says')
    .argument('<file>', 'ONNX, one input of planes [N, 3, H, W]')
    .option('--row <json>', 'file with the manifest row; other options complete it')
    .option('--id <id>', 'unique; names the embedding space')
    .option('--licence <name>', 'under which it may be used')
    .option('--notice <words>', 'whose it is')
    .option('--alignment <kind>', 'embedder: dlib-68 or arcface-5')
    .option('--size <pixels>', 'embedder: side of its chip (150 and 112 if left out)')
    .option('--length <n>', 'embedder: components of an embedding')
    .option('--order <rgb|bgr>', 'embedder: order of its channels (rgb)')
    .option(
      '--mean <m>',
      'embedder: taken from each value 0 … 255 (0), or three: 123.7,116.3,103.5',
    )
    .option('--scale <s>', 'embedder: then multiplied with (1), or three')
    .option('--decoder <kind>', 'detector: tiny-yolo, ssd or yunet')
    .addHelpText(
      'after',
      '\nExample:\n  vedette models add w600k_r50.onnx --id arcface-r50 --licence research --alignment arcface-5 \\\n    --length 512 --mean 127.5 --scale 0.0078431',
    )
    .action(async (file: string, options: AddOptions, command: Command) => {
      const folder = await modelsFolder(globalsOf(command))
      const bytes = await bytesOf(file)
      const row = parseRow({ ...(await rowOf(options)), ...factsOf(file, bytes) })
      await installModel(folder, row, bytes)
      print([installedOf(folder, row)], globalsOf(command), installedText)
      if (row.task === 'embed' && row.calibration === undefined) sayNext(row.id)
    })
}

/** What the options say of a model, those on the command line before those of the file. */
async function rowOf(options: AddOptions): Promise<Record<string, unknown>> {
  const { row: file, size, length, mean, scale, ...named } = options
  const base = file === undefined ? {} : await jsonOf(file)
  const numbers = {
    ...(size !== undefined && { size: Number(size) }),
    ...(length !== undefined && { length: Number(length) }),
    ...(mean !== undefined && { mean: oneOrThree(mean) }),
    ...(scale !== undefined && { scale: oneOrThree(scale) }),
  }
  const row: Record<string, unknown> = { ...base, ...named, ...numbers }
  row.task ??= row.decoder === undefined ? 'embed' : 'detect'
  if (row.task === 'embed') row.size ??= row.alignment === 'arcface-5' ? 112 : 150
  row.notice ??= ''
  return row
}

/** What the file itself says; a row that says otherwise describes another file. */
function factsOf(file: string, bytes: Uint8Array) {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { file: basename(file), sha256, bytes: bytes.length }
}

async function jsonOf(file: string): Promise<Record<string, unknown>> {
  const text = (await bytesOf(file)).toString()
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch (cause) {
    throw new Refusal('model.invalid', `${file} is not JSON: ${messageOf(cause)}`, { cause })
  }
  throw new Refusal('model.invalid', `${file} does not hold one manifest row`)
}

async function fetched(url: string, { id, bytes }: InstalledRow): Promise<Buffer> {
  say(`fetching ${url}`)
  return download(url, { bytes, onProgress: new Progress(`${id}, bytes`).show })
}

/** Of files carried here, the one that the row is about; else any, for the check to say what it is. */
function oneOf(carried: readonly Buffer[], { sha256 }: InstalledRow, i: number): Buffer {
  const right = carried.find((bytes) => createHash('sha256').update(bytes).digest('hex') === sha256)
  return right ?? carried[i] ?? carried[0]!
}

async function bytesOf(file: string): Promise<Buffer> {
  return readFile(file).catch((cause) => {
    throw new Refusal('model.not-found', `cannot read ${file}: ${messageOf(cause)}`, { cause })
  })
}

function oneOrThree(text: string): number | number[] {
  const values = text.split(',').map(Number)
  return values.length === 1 ? values[0]! : values
}

function installedOf(folder: string, { id, task, file, licence }: InstalledRow): Installed {
  return { id, task, file: join(folder, file), licence }
}

function installedText(models: Installed[]): string {
  return models
    .map(({ id, file, licence }) => `installed  ${id} (${licence}) in ${file}`)
    .join('\n')
}

function sayNext(id: string): void {
  say(`Next: vedette models verify ${id}, then vedette models calibrate ${id} --images FOLDER.`)
}
