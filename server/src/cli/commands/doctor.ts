import { resolve } from 'node:path'
import process from 'node:process'
import { doctorCommand as doctor } from '@vedette/shared/doctor/command'
import type { Command } from 'commander'
import { serverChecks } from '../../doctor/checks.ts'
import { EXIT } from '../exit.ts'

/** `vedette doctor`, the same as `vedette-server doctor`. */
export function doctorCommand(): Command {
  return doctor({
    what: 'the deployment on this machine',
    options: (command) => command,
    checks: ({ home }) => serverChecks(resolve(String(home)), Date.now()),
    print: (text) => process.stdout.write(`${text}\n`),
    onFail: () => {
      process.exitCode = EXIT.failure
    },
  })
}
