import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Office } from '@vedette/certs/office'
import { issueCredentials } from '@vedette/certs/pki'
import type { Identity } from '@vedette/shared/identity'
import { Argument, Command } from 'commander'
import { readServerConfig } from '../../config.ts'
import { globalsOf, operatorDesk } from '../context.ts'
import { renewOperator } from '../own-certificate.ts'
import { print, say, table, when } from '../render.ts'
import { rotateCommand } from './certs-rotate.ts'
import { statusCommand } from './certs-status.ts'
import { revokeCertificateCommand } from './revoke.ts'

type IssueOptions = { replace?: true; server: string }

export function certsCommand(): Command {
  return new Command('certs')
    .description('certificates, made on the machine that holds the issuing key')
    .addCommand(issueCommand())
    .addCommand(listCommand())
    .addCommand(renewCommand())
    .addCommand(revokeCertificateCommand())
    .addCommand(statusCommand())
    .addCommand(rotateCommand())
}

function issueCommand(): Command {
  return new Command('issue')
    .description('make a credentials folder for an agent or an operator')
    .addArgument(new Argument('<role>').choices(['agent', 'operator']))
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .option('--replace', 'put it in the place of one that is there')
    .option('--server <host>', "the server's address, for the agent's configuration", '127.0.0.1')
    .addHelpText('after', '\nExample:\n  vedette certs issue agent gate-north --server 10.0.0.5')
    .action(async (role: string, name: string, options: IssueOptions, command: Command) => {
      const globals = globalsOf(command)
      const identity = { role, name } as Identity
      const home = resolve(globals.home)
      const { gate } = await readServerConfig(home)
      const { replace } = options
      const issued = await issueCredentials({ home, identity, replace })
      const { folder, serial, notAfter } = issued
      const configuration = role === 'agent' ? join(folder, 'agent.yaml') : undefined
      if (configuration !== undefined && !existsSync(configuration)) {
        await writeFile(configuration, agentYaml(options.server, gate.port))
      }
      const made = { ...identity, folder, serial, notAfter, configuration }
      print(
        made,
        globals,
        () => `issued  ${role} ${name} until ${when(notAfter)}\nfolder  ${folder}`,
      )
      if (configuration)
        say(
          `Take the folder to the camera machine, name its cameras in agent.yaml, then: vedette-agent --config agent.yaml`,
        )
    })
}

function renewCommand(): Command {
  return new Command('renew')
    .description("renew the operator's own certificate now; every command does it in time")
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      const { client, folder, credentials } = await operatorDesk(globals)
      await using desk = client
      const { serial, notAfter } = await renewOperator(desk, folder, credentials)
      print({ folder, serial, notAfter }, globals, () => `renewed until ${when(notAfter)}`)
    })
}

function listCommand(): Command {
  return new Command('list')
    .description('every certificate that was issued')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      const { ledger } = await Office.open(resolve(globals.home))
      print(await ledger.all(), globals, (entries) =>
        table(
          ['ROLE', 'NAME', 'SERIAL', 'UNTIL', 'STATE'],
          entries.map(({ role, name, serial, notAfter, revocation }) => [
            role,
            name,
            serial,
            when(notAfter),
            revocation ? 'revoked' : notAfter < Date.now() ? 'expired' : 'valid',
          ]),
        ),
      )
    })
}

function agentYaml(host: string, port: number): string {
  return [
    '# Vedette agent. Paths are taken from the folder of this file; see README.md.',
    'server:',
    `  host: ${host}`,
    `  port: ${port}`,
    'credentials: .',
    'cameras:',
    '  # A camera is a name and a source: rtsp://…, http://… (MJPEG), /dev/video0, a video file,',
    '  # or a folder/ of pictures. Try it with: vedette-agent check --config agent.yaml',
    '  first-camera: /dev/video0',
    '',
  ].join('\n')
}
