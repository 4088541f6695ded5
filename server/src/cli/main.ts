import process from 'node:process'
import { codeOf, Fault, messageOf } from '@vedette/shared/errors'
import { SOFTWARE } from '@vedette/shared/software'
import { Command, CommanderError } from 'commander'
import { agentsCommand } from './commands/agents.ts'
import { alertsCommand } from './commands/alerts.ts'
import { auditCommand } from './commands/audit.ts'
import { camerasCommand } from './commands/cameras.ts'
import { certsCommand } from './commands/certs.ts'
import { dbCommand } from './commands/db.ts'
import { doctorCommand } from './commands/doctor.ts'
import { enrollCommand } from './commands/enroll.ts'
import { entriesCommand } from './commands/entries.ts'
import { evaluateCommand } from './commands/evaluate.ts'
import { importCommand } from './commands/import.ts'
import { incidentsCommand } from './commands/incidents.ts'
import { initCommand } from './commands/init.ts'
import { listsCommand } from './commands/lists.ts'
import { modelsCommand } from './commands/models.ts'
import { rejectionsCommand } from './commands/rejections.ts'
import { reportCommand } from './commands/report.ts'
import { pastCommand, searchCommand } from './commands/search.ts'
import { statusCommand } from './commands/status.ts'
import { thresholdsCommand } from './commands/thresholds.ts'
import { usersCommand } from './commands/users.ts'
import { verifyCommand } from './commands/verify.ts'
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

const commands = [
  initCommand(),
  certsCommand(),
  enrollCommand(),
  importCommand(),
  entriesCommand(),
  listsCommand(),
  alertsCommand(),
  incidentsCommand(),
  rejectionsCommand(),
  searchCommand(),
  pastCommand(),
  agentsCommand(),
  camerasCommand(),
  statusCommand(),
  auditCommand(),
  reportCommand(),
  thresholdsCommand(),
  usersCommand(),
  evaluateCommand(),
  modelsCommand(),
  verifyCommand(),
  dbCommand(),
  doctorCommand(),
]
for (const command of commands) program.addCommand(inherit(command))

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
    process.exitCode = exitStatus(error)
  }
}
