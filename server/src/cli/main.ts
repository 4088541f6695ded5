import process from 'node:process'
import { codeOf, Fault, messageOf } from '@vedette/shared/errors'
import { SOFTWARE } from '@vedette/shared/software'
import { Command, CommanderError } from 'commander'
import { commandsFor } from './commands.ts'
import { DeskFault } from './desk-fault.ts'
import { EXIT, exitStatus } from './exit.ts'

const program = new Command('vedette')
  .description('Founds and runs a Vedette deployment.')
  .version(SOFTWARE, '-V, --version')
  .option('--home <folder>', 'folder of the deployment', process.env.VEDETTE_HOME ?? '.')
  .option('--operator <name>', 'whose certificate to use, where there are several')
  .option('--desk <host:port>', 'a desk elsewhere (with --credentials)')
  .option('--credentials <folder>', "an operator's credentials folder")
  .option('--password-file <file>', 'your password, where an act asks for it (or VEDETTE_PASSWORD)')
  .option('--reason <text>', 'why you ask: it is recorded')
  .option('--json', 'data as JSON on standard output')
  .showSuggestionAfterError()
  .configureHelp({ showGlobalOptions: true })
  .exitOverride()

for (const command of await commandsFor(process.argv.slice(2))) program.addCommand(inherit(command))

/** Sub-commands end, complain and help as the program does. */
function inherit(command: Command): Command {
  command.copyInheritedSettings(program)
  for (const child of command.commands) inherit(child as Command)
  return command
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
  } else {
    process.stderr.write(`vedette: ${messageOf(error)} [${codeOf(error)}]\n`)
    if (error instanceof Fault && error.hint) process.stderr.write(`  ${error.hint}\n`)
    if (error instanceof DeskFault && error.request) {
      process.stderr.write(`  request ${error.request}\n`)
    }
    process.exitCode = exitStatus(error)
  }
}
