import { Command } from 'commander'
import type { OpenApi } from '../../desk/openapi.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, table } from '../render.ts'

export function apiCommand(): Command {
  return new Command('api')
    .description('what may be asked of the desk over HTTPS; --json prints its OpenAPI 3.1 document')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<OpenApi>('GET', '/openapi.json'), globals, (document) =>
        table(['METHOD', 'PATH', 'NEEDS', 'WHAT'], rowsOf(document)),
      )
    })
}

function rowsOf({ paths }: OpenApi): string[][] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const { summary = '', 'x-needs': needs, 'x-grave': grave } = operation
      const asks = `${needs ?? 'nothing'}${grave ? ', password' : ''}`
      return [method.toUpperCase(), path, asks, summary]
    }),
  )
}
