import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { ConfigFault } from '@vedette/shared/errors'
import { Command, InvalidArgumentError } from 'commander'
import { FormData } from 'undici'
import type { FloorPlan } from '../../store/plans.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, say, table } from '../render.ts'

type Words = { name?: string; metres?: number; north?: number }

/** `vedette plans …`. */
export function plansCommand(): Command {
  return new Command('plans')
    .description('floor plans that cameras are placed on')
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(addCommand())
    .addCommand(setCommand())
    .addCommand(pictureCommand())
    .addCommand(removeCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('every floor plan')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<FloorPlan[]>('GET', '/plans'), globals, (plans) =>
        table(
          ['PLAN', 'NAME', 'PIXELS', 'METRES ACROSS', 'UP IS'],
          plans.map(({ id, name, width, height, metres, north }) => [
            id,
            name,
            `${width}×${height}`,
            metres === null ? 'unknown' : String(metres),
            `${north}°`,
          ]),
        ),
      )
    })
}

function addCommand(): Command {
  return withWords(new Command('add'))
    .description('a drawing of a floor: JPEG, PNG or WebP, 8 MB at most')
    .argument('<file>', 'the picture')
    .action(async (file: string, { name, metres, north }: Words, command: Command) => {
      const globals = globalsOf(command)
      const bytes = await readFile(file).catch((cause) => {
        throw new ConfigFault('config.unreadable', `cannot read ${file}`, {
          cause,
          hint: 'name a picture file',
        })
      })
      const form = new FormData()
      form.set('name', name ?? basename(file).replace(/\.\w+$/, ''))
      if (metres !== undefined) form.set('metres', String(metres))
      if (north !== undefined) form.set('north', String(north))
      form.set('photo', new Blob([bytes]), basename(file))
      await using desk = await openDesk(globals)
      const plan = await desk.json<FloorPlan>('POST', '/plans', form)
      print(plan, globals, ({ id }) => id)
      say(
        `Place a camera on it: vedette cameras place AGENT/CAMERA --plan ${plan.id} --x 0.5 --y 0.5`,
      )
    })
}

function setCommand(): Command {
  return withWords(new Command('set'))
    .description('what a floor plan is called, how wide it is, where its upper edge looks')
    .argument('<plan>', 'as `plans list` names it')
    .action(async (id: string, said: Words, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const all = await desk.json<FloorPlan[]>('GET', '/plans')
      const { name = '', metres = null, north = 0 } = all.find((plan) => plan.id === id) ?? {}
      await desk.json('PUT', `/plans/${encodeURIComponent(id)}`, { name, metres, north, ...said })
      print({ changed: id }, globals, () => `changed ${id}`)
    })
}

function pictureCommand(): Command {
  return new Command('picture')
    .description('save the drawing itself, WebP')
    .argument('<plan>', 'as `plans list` names it')
    .argument('<file>', 'where to')
    .action(async (id: string, file: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      await writeFile(file, await desk.bytes(`/plans/${encodeURIComponent(id)}/image`))
      print({ plan: id, file }, globals, () => file)
    })
}

function removeCommand(): Command {
  return new Command('remove')
    .description('a floor plan, and where cameras are on it')
    .argument('<plan>', 'as `plans list` names it')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      await desk.json('DELETE', `/plans/${encodeURIComponent(id)}`)
      print({ removed: id }, globals, () => `removed ${id}`)
    })
}

function withWords(command: Command): Command {
  return command
    .option('--name <words>', 'what people call it')
    .option('--metres <n>', 'of the ground that its whole width shows', number)
    .option('--north <degrees>', 'where its upper edge looks, clockwise from north', number)
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError('expected a number')
}
