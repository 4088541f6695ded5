import { resolve } from 'node:path'
import { Office } from '@vedette/certs/office'
import { type Revoked, revoke, type Target } from '@vedette/certs/revoking'
import { systemClock } from '@vedette/shared/clock'
import { codeOf } from '@vedette/shared/errors'
import { Command } from 'commander'
import { type GlobalOptions, globalsOf, openDesk } from '../context.ts'
import { print, say, table, when } from '../render.ts'

/** What is said where nobody gives a reason. */
const NO_REASON = 'revoked by an operator'

/** `vedette agents revoke NAME`. */
export function revokeAgentCommand(): Command {
  return new Command('revoke')
    .description('take back every certificate of an agent; it is cut off when this returns')
    .argument('<name>', 'name of the agent')
    .addHelpText('after', '\nExample:\n  vedette agents revoke gate-north --reason "stolen"')
    .action(async (name: string, _options: object, command: Command) => {
      await takeBack({ role: 'agent', name }, globalsOf(command))
    })
}

/** `vedette certs revoke SERIAL`, or `ROLE/NAME`. */
export function revokeCertificateCommand(): Command {
  return new Command('revoke')
    .description('take a certificate back, or all that somebody holds')
    .argument('<what>', 'a serial number, agent/NAME or operator/NAME')
    .addHelpText('after', '\nExample:\n  vedette certs revoke operator/anna --reason "has left"')
    .action(async (what: string, _options: object, command: Command) => {
      await takeBack(targetOf(what), globalsOf(command))
    })
}

function targetOf(what: string): Target {
  const [, role, name] = /^(agent|operator)\/(.+)$/.exec(what) ?? []
  if (role !== undefined && name !== undefined) return { role: role as 'agent' | 'operator', name }
  return { serial: what.toLowerCase().replaceAll(':', '') }
}

async function takeBack(target: Target, globals: GlobalOptions): Promise<void> {
  const revoked = await throughDesk(target, globals)
  print(revoked, globals, () =>
    table(
      ['REVOKED', 'SERIAL', 'WOULD HAVE ENDED'],
      revoked.map(({ role, name, serial, notAfter }) => [
        `${role} ${name}`,
        serial,
        when(notAfter),
      ]),
    ),
  )
}

/** Where no server answers, the ledger itself is told: a server that starts reads it first. */
async function throughDesk(target: Target, globals: GlobalOptions): Promise<Revoked[]> {
  const { reason = NO_REASON } = globals
  try {
    await using desk = await openDesk(globals)
    return await desk.json<Revoked[]>('POST', '/revocations', { ...target, reason })
  } catch (error) {
    if (codeOf(error) !== 'desk.unreachable' || globals.desk !== undefined) throw error
    const office = await Office.open(resolve(globals.home))
    const revoked = await revoke(office, target, reason, systemClock)
    await office.tend()
    say('The server does not answer: the ledger was told, and the list of revoked certificates.')
    return revoked
  }
}
