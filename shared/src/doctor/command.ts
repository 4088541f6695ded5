import { Command } from 'commander'
import { type Check, examine, findingsText } from './findings.ts'

export type DoctorOptions = {
  what: string
  options: (command: Command) => Command
  /** All there is to look at. */
  checks: (options: Record<string, unknown>) => Promise<readonly Check[]>
  print: (text: string) => void
  /** Something is wrong. */
  onFail: () => void
}

/** `doctor`: looks at everything, and says what to do. */
export function doctorCommand({ what, options, checks, print, onFail }: DoctorOptions): Command {
  return options(new Command('doctor'))
    .description(`look for what is wrong with ${what}, and say what to do`)
    .option('--json', 'as JSON')
    .action(async (_own: object, command: Command) => {
      const given = command.optsWithGlobals<Record<string, unknown>>()
      const findings = await examine(await checks(given))
      print(given.json ? JSON.stringify(findings) : findingsText(findings))
      if (findings.some(({ state }) => state === 'fail')) onFail()
    })
}
