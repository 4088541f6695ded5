import { Command } from 'commander'
import { globalsOf, openDesk } from '../context.ts'
import { print } from '../render.ts'

/** `vedette agents retire NAME`. */
export function retireCommand(): Command {
  return new Command('retire')
    .description('an agent that is gone for good: let in no more, its cameras missed by nobody')
    .argument('<name>', 'name of the agent')
    .addHelpText('after', '\nExample:\n  vedette agents retire gate-north --reason "sold"')
    .action(async (name: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      await desk.json('DELETE', `/agents/${encodeURIComponent(name)}`)
      print({ retired: name }, globals, () => `retired ${name}`)
    })
}
