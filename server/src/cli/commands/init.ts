import { lstat, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { exists } from '@vedette/certs/files'
import { initPki } from '@vedette/certs/pki'
import { CREDENTIAL_FILES } from '@vedette/shared/credentials'
import { ConfigFault } from '@vedette/shared/errors'
import { Command } from 'commander'
import {
  parseServerConfig,
  readServerConfig,
  SERVER_CONFIG,
  type ServerConfig,
} from '../../config.ts'
import { consolePort } from '../../desk/console-config.ts'
import { foundOperators } from '../../operators/found.ts'
import { Vault } from '../../store/vault.ts'
import { KeySource, parseKeyPlace } from '../../vault/key-source.ts'
import type { GlobalOptions } from '../context.ts'
import { askPassphrase } from '../passphrase.ts'
import { print, say } from '../render.ts'

type Options = {
  name: string
  operator: string
  dns: string[]
  ip: string[]
  gatePort: string
  deskPort: string
  joinPort: string
  consolePort?: string
  passphraseFile?: string
}

export function initCommand(): Command {
  return new Command('init')
    .description('found a deployment: certificates, vault key and configuration')
    .option('--name <name>', 'name of the server', 'control')
    .option('--operator <name>', 'name of the first operator', 'admin')
    .option('--dns <name...>', 'host names of the server, for browsers', ['localhost'])
    .option('--ip <address...>', 'addresses of the server, for browsers', ['127.0.0.1'])
    .option('--gate-port <port>', 'port that agents dial', '7443')
    .option('--desk-port <port>', 'port that the command line dials', '7444')
    .option('--console-port <port>', 'port that browsers dial (else 999 above the desk)')
    .option('--join-port <port>', 'port that newcomers dial, while somebody is invited', '7445')
    .option('--passphrase-file <file>', 'passphrase of the root key (or VEDETTE_PASSPHRASE)')
    .addHelpText('after', '\nExample:\n  vedette init --home /srv/vedette --name control')
    .action(async (_own: object, command: Command) => {
      // All together: --operator is the program's option too, and it is the program that takes it.
      const options = command.optsWithGlobals<Options & GlobalOptions>()
      const home = resolve(options.home)
      const yaml = configuration(options)
      const file = join(home, SERVER_CONFIG)
      const kept = await isLink(file)
      const config = kept ? await readServerConfig(home) : parseServerConfig(yaml, file)
      const place = parseKeyPlace(config.vaultKey, (path) => path)
      const keyFile = place.kind === 'credential' ? [] : [place.path]
      for (const taken of [...(kept ? [] : [file]), ...keyFile]) {
        if (await exists(taken)) throw alreadyThere(taken)
      }
      const passphrase = await askPassphrase(options.passphraseFile)
      await mkdir(home, { recursive: true })
      const pki = await initPki({
        home,
        passphrase,
        serverName: options.name,
        serverNames: { dns: options.dns, ip: options.ip },
        operator: options.operator,
      })
      await Vault.create(
        new KeySource(place, { credentials: undefined, passphrase: async () => passphrase }),
      )
      await foundOperators(config.data, options.operator, Date.now())
      if (!kept) await writeNew(file, yaml)
      const made = {
        home,
        configuration: join(home, SERVER_CONFIG),
        vaultKey: config.vaultKey,
        rootKey: pki.rootKey,
        server: pki.server.folder,
        operator: pki.operator.folder,
        console: consoleAddress(config),
      }
      print(made, options, () =>
        [
          `founded      ${home}`,
          `server       ${options.name}, certificate until ${day(pki.server.notAfter)}`,
          `operator     ${options.operator}, certificate until ${day(pki.operator.notAfter)}`,
          `console      ${made.console}`,
        ].join('\n'),
      )
      say(`Keep apart from this machine: ${made.rootKey} and a copy of ${made.vaultKey}.`)
      say(`Let browsers trust ${join(pki.operator.folder, CREDENTIAL_FILES.trust)}.`)
      say(`Next: vedette-server; vedette users password, which is yours at ${made.console}`)
      say('Then: vedette agents invite NAME and vedette enroll, or the console.')
    })
}

function configuration({ gatePort, deskPort, joinPort, consolePort }: Options): string {
  return [
    '# Vedette server. Every setting left out has its default; see README.md.',
    'gate:',
    '  host: 0.0.0.0',
    `  port: ${gatePort}`,
    'desk:',
    '  host: 127.0.0.1',
    `  port: ${deskPort}`,
    '# Where browsers come in; 0.0.0.0 lets them in from other machines.',
    'console:',
    '  host: 127.0.0.1',
    ...(consolePort === undefined ? [] : [`  port: ${consolePort}`]),
    'join:',
    '  host: 0.0.0.0',
    `  port: ${joinPort}`,
    'match:',
    '  # False alerts that each camera may raise in a week; see: vedette thresholds show.',
    '  budget: 1',
    '  cooldown: 60s',
    '',
  ].join('\n')
}

/** What a browser on this machine is pointed at. */
function consoleAddress({ console, desk }: ServerConfig): string {
  return `https://localhost:${consolePort(console, desk.port)}/`
}

/** A link is to a configuration that is kept elsewhere: it was there before the deployment. */
async function isLink(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined)
  return found?.isSymbolicLink() ?? false
}

async function writeNew(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx' }).catch((cause) => {
    throw alreadyThere(file, cause)
  })
}

function alreadyThere(file: string, cause?: unknown): ConfigFault {
  return new ConfigFault('config.exists', `there is a ${file} already`, {
    cause,
    hint: 'choose another home, or move the file away',
  })
}

function day(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10)
}
