import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import type { CameraStatus } from '../../cameras/known.ts'
import type { Watch } from '../../desk/answered/cameras.ts'
import type { TroubleRecord } from '../../store/troubles.ts'
import { reasonOf, summary } from '../camera-lines.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, say, table, when } from '../render.ts'
import { placeCommand, placesCommand } from './places.ts'

export function camerasCommand(): Command {
  return new Command('cameras')
    .description('which cameras can be relied upon')
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(troublesCommand())
    .addCommand(forgetCommand())
    .addCommand(placesCommand())
    .addCommand(placeCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('every camera: whether test faces come through, and what is wrong with it')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const watch = await desk.json<Watch>('GET', '/cameras')
      say(summary(watch))
      print(watch.cameras, globals, (cameras) =>
        table(
          ['CAMERA', 'STATE', 'SINCE', 'LAST TEST FACE', 'TOOK', 'WHY'],
          cameras.map((camera) => [
            `${camera.agent}/${camera.camera}`,
            camera.state,
            when(camera.stateSince),
            camera.passedAt === null ? 'never' : when(camera.passedAt),
            camera.latencyMs === null ? '' : `${camera.latencyMs} ms`,
            reasonOf(camera),
          ]),
        ),
      )
    })
}

function troublesCommand(): Command {
  return new Command('troubles')
    .description('what was wrong with what cameras showed, newest first; kept for 31 days')
    .argument('[camera]', 'AGENT/CAMERA; all if left out')
    .option('--standing', 'only what is still so')
    .option('--limit <n>', 'at most that many', '100')
    .option('--pictures <folder>', 'save what they showed when it began and when it was over')
    .action(async (camera: string | undefined, options: TroublesOptions, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const query = new URLSearchParams({ limit: options.limit })
      if (options.standing) query.set('standing', 'true')
      for (const [key, value] of Object.entries(camera === undefined ? {} : placeOf(camera))) {
        query.set(key, value)
      }
      const troubles = await desk.json<TroubleRecord[]>('GET', `/cameras/troubles?${query}`)
      if (options.pictures !== undefined) {
        await mkdir(options.pictures, { recursive: true })
        for (const { id, pictures } of troubles) {
          for (const moment of (['begin', 'end'] as const).filter((one) => pictures[one])) {
            const file = join(options.pictures, `${id}-${moment}.jpg`)
            await writeFile(file, await desk.bytes(`/cameras/troubles/${id}/${moment}`))
            say(`saved ${file}`)
          }
        }
      }
      print(troubles, globals, (all) =>
        table(
          ['TROUBLE', 'CAMERA', 'KIND', 'SINCE', 'OVER'],
          all.map(({ id, agent, camera: name, kind, since, endedAt }) => [
            id,
            `${agent}/${name}`,
            kind,
            when(since),
            endedAt === null ? 'no' : when(endedAt),
          ]),
        ),
      )
    })
}

type TroublesOptions = { standing?: true; limit: string; pictures?: string }

function forgetCommand(): Command {
  return new Command('forget')
    .description('a camera that was removed on purpose: nobody misses it any more')
    .argument('<camera>', 'AGENT/CAMERA')
    .action(async (camera: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const { agent, camera: name } = placeOf(camera)
      await desk.json('DELETE', `/cameras/${encodeURIComponent(agent)}/${encodeURIComponent(name)}`)
      print({ forgotten: { agent, camera: name } }, globals, () => `forgot ${camera}`)
    })
}

function placeOf(text: string): Pick<CameraStatus, 'agent' | 'camera'> {
  const [, agent, camera] = /^([^/]+)\/(.+)$/.exec(text) ?? []
  if (agent !== undefined && camera !== undefined) return { agent, camera }
  throw new Refusal('camera.not-found', `no camera ${text}`, {
    hint: 'name it AGENT/CAMERA; see: vedette cameras list',
  })
}
