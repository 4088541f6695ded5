import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { installSteps, runSteps, type Step, typed, uninstallSteps } from './steps.ts'
import { type UnitState, unitState } from './unit-state.ts'

/** A service as it would be installed. */
export type Service = {
  /** Text of the unit. */
  text: string
  user: string
  /** Folder of state; it will be the user's. */
  state: string
  /** What lies in it already and must become the user's. */
  owned: readonly string[]
}

export type ServiceCommandOptions = {
  /** Name of the unit, with `.service`. */
  unit: string
  /** What the service runs. */
  what: string
  /** Adds the options that say which deployment it is. */
  options: (command: Command) => Command
  /** What these options say. Throws ConfigFault. */
  service: (options: { user: string } & Record<string, unknown>) => Promise<Service>
  uid: number | undefined
  print: (text: string) => void
}

type Options = { user: string; dryRun?: true; start: boolean; json?: true }

/** `service install|uninstall|status|show`. */
export function serviceCommand(given: ServiceCommandOptions): Command {
  const { unit, what, uid, print } = given
  const run = async (steps: Step[], { dryRun }: Pick<Options, 'dryRun'>) => {
    if (dryRun) print(steps.map(typed).join('\n'))
    else await runSteps(steps, uid)
  }
  const service = (command: Command) => given.service(command.optsWithGlobals())
  const withUser = (command: Command) =>
    given.options(command).option('--user <name>', 'whom it runs as', unit.replace('.service', ''))
  return new Command('service')
    .description(`${what} as a service of systemd`)
    .addCommand(
      withUser(new Command('install'))
        .description('write a hardened unit, and start it')
        .option('--dry-run', 'print what would be done')
        .option('--no-start', 'do not start it')
        .action(async (options: Options, command: Command) => {
          const passwd = await readFile('/etc/passwd', 'utf8')
          const { start } = options
          const steps = installSteps({ name: unit, passwd, start, ...(await service(command)) })
          await run(steps, options)
        }),
    )
    .addCommand(
      new Command('uninstall')
        .description('stop it and take the unit away; data and configuration stay')
        .option('--dry-run', 'print what would be done')
        .action((options: Options) => run(uninstallSteps(unit), options)),
    )
    .addCommand(
      new Command('status')
        .description('how systemd sees it')
        .option('--json', 'as JSON')
        .action(async (_own: Options, command: Command) => {
          const state = await unitState(unit)
          print(command.optsWithGlobals<Options>().json ? JSON.stringify(state) : textOf(state))
        }),
    )
    .addCommand(
      withUser(new Command('show'))
        .description('print the unit that install would write')
        .action(async (_own: Options, command: Command) =>
          print((await service(command)).text.trimEnd()),
        ),
    )
}

function textOf({ unit, load, active, sub, status, restarts, result }: UnitState): string {
  return [
    `${unit}  ${load === 'not-found' ? 'not installed' : `${active} (${sub})`}`,
    ...(status ? [`says      ${status}`] : []),
    `restarts  ${restarts}`,
    `last end  ${result}`,
  ].join('\n')
}
