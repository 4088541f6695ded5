import { resolve } from 'node:path'
import process from 'node:process'
import { Office } from '@vedette/certs/office'
import { codeOf } from '@vedette/shared/errors'
import { Command } from 'commander'
import { type CertsStatus, certsStatus } from '../../authority/status.ts'
import { type GlobalOptions, globalsOf, openDesk } from '../context.ts'
import { EXIT } from '../exit.ts'
import { print, say, table, when } from '../render.ts'
import { behindLines } from './certs-rotate.ts'

const DAY = 86_400_000

export function statusCommand(): Command {
  return new Command('status')
    .description('every certificate, authority and list, and how far the fleet has followed')
    .option('--all', 'also those whose holder has a newer one')
    .addHelpText('after', '\nEnds with 1 when something is red.')
    .action(async ({ all = false }: { all?: true | false }, command: Command) => {
      const globals = globalsOf(command)
      const status = await read(globals, all)
      print(status, globals, textOf)
      if (status.red.length > 0) process.exitCode = EXIT.failure
    })
}

/** From the desk, which knows the fleet; from the files alone where the server does not run. */
async function read(globals: GlobalOptions, all: boolean): Promise<CertsStatus> {
  try {
    await using desk = await openDesk(globals)
    return await desk.json<CertsStatus>('GET', `/certificates?all=${all ? 1 : 0}`)
  } catch (error) {
    if (globals.desk !== undefined || codeOf(error) !== 'desk.unreachable') throw error
    say('The server does not run: nothing is known of the agents.')
    return certsStatus(await Office.open(resolve(globals.home)), undefined, Date.now(), all)
  }
}

function textOf({ certificates, authorities, lists, readiness, ...status }: CertsStatus): string {
  const now = status.at
  const share = (used: number) => `${Math.round(Math.min(used, 9.99) * 100)} %`
  const parts = [
    table(
      ['ROLE', 'NAME', 'SERIAL', 'BY', 'AGE', 'USED', 'UNTIL', 'STATE'],
      certificates.map(({ role, name, serial, authority, age, used, notAfter, state }) => [
        role,
        name,
        serial,
        authority,
        duration(age),
        share(used),
        when(notAfter),
        state,
      ]),
    ),
    table(
      ['AUTHORITY', 'KIND', 'DOES', 'USED', 'UNTIL', 'STATE'],
      authorities.map(({ id, kind, does, used, notAfter, state }) => {
        return [id, kind, does, share(used), when(notAfter), state]
      }),
    ),
    table(
      ['LIST OF', 'KIND', 'NUMBER', 'REVOKED', 'AGE', 'NEXT', 'STATE'],
      lists.map(({ authority, kind, number, revoked, thisUpdate, nextUpdate, state }) => [
        authority,
        kind,
        String(number ?? '-'),
        String(revoked),
        thisUpdate === null ? '-' : duration(now - thisUpdate),
        nextUpdate === null ? '-' : when(nextUpdate),
        state,
      ]),
    ),
    `rotation  ${phaseLine(status)}`,
  ]
  if (readiness !== undefined) parts.push(behindLines(readiness, `before ${status.next}`))
  if (status.red.length > 0) parts.push(['RED', ...status.red].join('\n  '))
  return parts.join('\n\n')
}

function phaseLine({ phase, changes, next }: Pick<CertsStatus, 'phase' | 'changes' | 'next'>) {
  if (changes === null) return 'none under way'
  const what = changes === 'root' ? 'the root and its issuing authority' : 'the issuing authority'
  return phase === 'retired'
    ? `${what}: done (rollback takes it back until the next prepare)`
    : `${what}: ${phase}; next: vedette certs rotate ${next}`
}

/** In the largest unit of which there are two. */
function duration(ms: number): string {
  const units = [
    [DAY, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ] as const
  const [unit, name] = units.find(([size]) => ms >= 2 * size) ?? [1000, 's']
  return `${Math.floor(ms / unit)} ${name}`
}
