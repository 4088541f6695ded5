import { resolve } from 'node:path'
import { exists, writeCredentials } from '@vedette/certs/files'
import { newRequest } from '@vedette/shared/certificate-request'
import { ConfigFault } from '@vedette/shared/errors'
import { Command, Option } from 'commander'
import type { Renewed } from '../../authority/registrar.ts'
import type { NewAccount } from '../../desk/answered/operators.ts'
import { ROLES } from '../../operators/roles.ts'
import { type GlobalOptions, globalsOf, openDesk } from '../context.ts'
import { newPassword } from '../password.ts'
import { print, say, when } from '../render.ts'

type Options = {
  role: string
  fullName: string
  lists?: string[]
  cameras?: string[]
  newPasswordFile?: string
  out?: string
  certificate: boolean
}

/** `vedette users add NAME`: the account, and the credentials to call with. */
export function addUserCommand(): Command {
  return new Command('add')
    .description('make an account, and a folder with what its holder needs to call')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .addOption(new Option('--role <role>', 'what they may do').choices(ROLES).makeOptionMandatory())
    .option('--full-name <words>', 'for people', '')
    .option('--lists <list...>', 'these lists alone')
    .option('--cameras <camera...>', 'AGENT/CAMERA or AGENT/*, these alone')
    .option('--new-password-file <file>', 'a password, which grave acts ask for')
    .option('--out <folder>', 'where the credentials are written (else ./operator-NAME)')
    .option('--no-certificate', 'they have a certificate already')
    .addHelpText(
      'after',
      '\nExample:\n  vedette users add bert --role approver --full-name "Bert Beispiel"',
    )
    .action(async (name: string, options: Options, command: Command) => {
      const globals = globalsOf(command)
      const folder = options.certificate ? await emptyPlace(name, options.out) : undefined
      const file = options.newPasswordFile
      const password = file === undefined ? undefined : await newPassword(file, name)
      await using desk = await openDesk(globals)
      const { fullName, role, lists = null, cameras = null } = options
      const asked = folder === undefined ? undefined : await newRequest()
      const { operator, certificate } = await desk.json<NewAccount>('POST', '/operators', {
        ...{ name, role, fullName, lists, cameras },
        ...(password !== undefined && { password }),
        ...(asked && { request: asked.request }),
      })
      if (folder !== undefined && asked && certificate) {
        await keep(folder, certificate, asked.key)
      }
      const made = { operator, folder, notAfter: certificate?.notAfter }
      print(made, globals, () => `added   ${name}, ${role}${inFolder(folder, certificate)}`)
      if (folder !== undefined) sayHow(folder, globals)
    })
}

/** `vedette users certificate NAME`: for another device, or in the place of a lost one. */
export function usersCertificateCommand(): Command {
  return new Command('certificate')
    .description('another certificate for somebody who has an account')
    .argument('<name>')
    .option('--out <folder>', 'where the credentials are written (else ./operator-NAME)')
    .action(async (name: string, { out }: { out?: string }, command: Command) => {
      const globals = globalsOf(command)
      const folder = await emptyPlace(name, out)
      await using desk = await openDesk(globals)
      const { request, key } = await newRequest()
      const path = `/operators/${encodeURIComponent(name)}/certificate`
      const certificate = await desk.json<Renewed>('POST', path, { request })
      await keep(folder, certificate, key)
      const { serial, notAfter } = certificate
      print(
        { name, folder, serial, notAfter },
        globals,
        () => `issued  ${name}${inFolder(folder, certificate)}`,
      )
      sayHow(folder, globals)
    })
}

async function emptyPlace(name: string, out: string | undefined): Promise<string> {
  const folder = resolve(out ?? `operator-${name}`)
  if (!(await exists(folder))) return folder
  throw new ConfigFault('config.exists', `there is a ${folder} already`, {
    hint: 'name another folder with --out',
  })
}

function keep(folder: string, { chain, trust }: Renewed, key: string): Promise<void> {
  return writeCredentials(folder, { chain, key, trust })
}

function inFolder(folder: string | undefined, certificate: Renewed | undefined): string {
  if (folder === undefined || certificate === undefined) return ''
  return `\nfolder  ${folder}, certificate until ${when(certificate.notAfter)}`
}

function sayHow(folder: string, { desk = 'HOST:PORT' }: GlobalOptions): void {
  say('Hand the folder over, and leave no copy of it. With it they call:')
  say(`  vedette --desk ${desk} --credentials ${folder} status`)
}
