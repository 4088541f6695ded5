import { graphFile, isBuiltIn, type ModelRow } from '@vedette/models/manifest'
import { readModels } from '@vedette/models/registry'
import { codeOf } from '@vedette/shared/errors'
import { Command } from 'commander'
import type { ModelsStatus } from '../../desk/answered/models.ts'
import type { SpaceRole } from '../../store/spaces.ts'
import { type GlobalOptions, globalsOf, modelsFolder, openDesk } from '../context.ts'
import { print, say, table } from '../render.ts'
import { addCommand, installCommand } from './model-files.ts'
import { calibrateCommand, verifyCommand } from './model-trials.ts'

export function modelsCommand(): Command {
  return new Command('models')
    .description('what finds and recognises faces: install, try, calibrate, change')
    .addCommand(listCommand())
    .addCommand(installCommand())
    .addCommand(addCommand())
    .addCommand(verifyCommand())
    .addCommand(calibrateCommand())
    .addCommand(useCommand())
    .addCommand(statusCommand())
}

type Listed = {
  id: string
  task: ModelRow['task']
  licence: string
  /** Components of an embedding; null where the model makes none. */
  length: number | null
  calibrated: boolean | null
  builtIn: boolean
  file: string
  /** What the server does with it; null where it does nothing, or does not answer. */
  use: SpaceRole | null
}

function listCommand(): Command {
  return new Command('list')
    .description('every model there is, and which the server uses')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      const rows = await readModels(await modelsFolder(globals))
      const status = await statusIfAny(globals)
      const roles = new Map(status?.spaces.map(({ id, role }) => [id, role]))
      const models = rows.map((row) => listed(row, roles.get(row.id) ?? null))
      print(models, globals, listText)
      sayAdvice(status)
    })
}

/** A list of files needs no server, but is told what one says. */
async function statusIfAny(globals: GlobalOptions): Promise<ModelsStatus | undefined> {
  try {
    await using desk = await openDesk(globals)
    return await desk.json<ModelsStatus>('GET', '/models')
  } catch (error) {
    say(`vedette: what the server uses is not known [${codeOf(error)}]`)
    return undefined
  }
}

function useCommand(): Command {
  return new Command('use')
    .description('embed the enrolled photographs with another model, and then match by it')
    .argument('<id>')
    .option('--now', 'switch: all photographs are embedded; also to go back to an earlier model')
    .option('--anyway', 'switch even where entries would not be found any more')
    .addHelpText(
      'after',
      '\nFirst without --now; watch vedette models status; then with --now. Back: use OLD --now.',
    )
    .action(async (id: string, options: { now?: true; anyway?: true }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = `/models/${encodeURIComponent(id)}/use`
      print(await desk.json<ModelsStatus>('POST', path, options), globals, statusText)
    })
}

function statusCommand(): Command {
  return new Command('status')
    .description('which models match, how far another one is, and how the two compare')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const status = await desk.json<ModelsStatus>('GET', '/models')
      print(status, globals, statusText)
      sayAdvice(status)
    })
}

function listed(row: ModelRow, use: Listed['use']): Listed {
  const { id, task, licence } = row
  const isEmbedder = row.task === 'embed'
  return {
    id,
    task,
    licence,
    length: isEmbedder ? row.length : null,
    calibrated: isEmbedder ? row.calibration !== undefined : null,
    builtIn: isBuiltIn(row),
    file: graphFile(row),
    use,
  }
}

function listText(models: Listed[]): string {
  return table(
    ['MODEL', 'TASK', 'LICENCE', 'LENGTH', 'CALIBRATED', 'USE', 'INSTALLED'],
    models.map(({ id, task, licence, length, calibrated, use, builtIn, file }) => [
      id,
      task,
      licence,
      length === null ? '-' : String(length),
      calibrated === null ? '-' : calibrated ? 'yes' : 'no',
      use ?? '-',
      builtIn ? 'built in' : file,
    ]),
  )
}

function statusText({ spaces, agents }: ModelsStatus): string {
  const rows = spaces.map(({ id, role, photos, done, failed, entries }) => [
    id,
    role,
    `${done} of ${photos}`,
    String(failed.length),
    String(entries),
    agents[id]?.join(', ') ?? '-',
  ])
  const lines = [table(['MODEL', 'USE', 'PHOTOS', 'FAILED', 'ENTRIES', 'AGENTS'], rows)]
  for (const { id, role, photos, done, compared, failed, missing, fault } of spaces) {
    if (fault !== null) lines.push('', `${id} stands still: ${fault.message} [${fault.code}]`)
    if (done === photos && missing.length > 0)
      lines.push('', `not found by ${id}: ${missing.join(', ')}`)
    for (const { entryId, photo, code } of failed) {
      lines.push(`  ${entryId}, photograph ${photo}: ${code}`)
    }
    if (role !== 'candidate') continue
    const { same, onlyOld, onlyNew, different, neither, unseen } = compared
    lines.push(
      '',
      `${id} on what the cameras asked: ${same} the same person, ${onlyOld} found by the old model only, ` +
        `${onlyNew} by the new one only, ${different} different persons, ${neither} nobody, ${unseen} not to be read`,
    )
  }
  return lines.join('\n')
}

function sayAdvice(status: ModelsStatus | undefined): void {
  if (status?.advice) say(`${status.advice.message}\n  ${status.advice.hint}`)
}
