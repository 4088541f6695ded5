import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import process from 'node:process'
import { doctorCommand } from '@vedette/shared/doctor/command'
import {
  ConfigFault,
  codeOf,
  Fault,
  IntegrityFault,
  messageOf,
  Refusal,
} from '@vedette/shared/errors'
import { createLog, type Log } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { serviceCommand } from '@vedette/shared/service/command'
import { Daemon } from '@vedette/shared/service/daemon'
import { EXIT_BROKEN, EXIT_CONFIG, EXIT_FAILURE } from '@vedette/shared/service/exit'
import { openMetricsPages } from '@vedette/shared/service/metrics-server'
import { SOFTWARE } from '@vedette/shared/software'
import { Command } from 'commander'
import { askHidden } from './cli/passphrase.ts'
import { readServerConfig, SERVER_CONFIG, type ServerConfig } from './config.ts'
import { serverChecks } from './doctor/checks.ts'
import { Server } from './server.ts'
import {
  PASSPHRASE_CREDENTIAL,
  SERVER_UNIT,
  serverService,
  VAULT_CREDENTIAL,
} from './service/unit.ts'
import { type KeyMeans, parseKeyPlace } from './vault/key-source.ts'

type Home = { home: string }

const program = new Command('vedette-server')
  .description('Answers the cameras, holds the wanted database, and serves the control room.')
  .version(SOFTWARE, '-V, --version')
  .option('--home <folder>', 'folder of the deployment', process.env.VEDETTE_HOME ?? '.')
  .showSuggestionAfterError()

program
  .command('run', { isDefault: true })
  .description('serve until stopped; SIGHUP reads the configuration again')
  .option('--accept-rollback <reason>', 'start although the record is not what was signed of it')
  .action(async ({ acceptRollback }: { acceptRollback?: string }, command: Command) => {
    const { home } = command.optsWithGlobals<Home>()
    const read = async () => withCredentials(await readServerConfig(home))
    const config = await read()
    const stopped = new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
    })
    const log = createLog('server', config.log)
    endOnCrash(log)
    const metrics = createMetrics('server')
    let server: Server | undefined
    await using _pages = await openMetricsPages(config.metrics, {
      log,
      file: SERVER_CONFIG,
      metrics,
      ready: () => server?.readiness() ?? { ready: false, why: 'starting' },
    })
    await using started = await Server.start(config, {
      log,
      metrics,
      keyMeans: keyMeans(),
      acceptRollback,
    })
    server = started
    await using daemon = new Daemon(
      {
        status: () => started.status,
        tests: started.selfTests,
        reload: async () => started.reload(await read()),
      },
      { log, environment: process.env, pid: process.pid },
    )
    process.on('SIGHUP', () => void daemon.reload())
    await stopped
  })

program
  .command('check')
  .description('read the configuration, and say what is wrong with it')
  .action(async (_own: object, command: Command) => {
    const { home } = command.optsWithGlobals<Home>()
    await readServerConfig(home)
    process.stdout.write('ok\n')
  })

program.addCommand(
  doctorCommand({
    what: 'the deployment on this machine',
    options: (command) => command,
    checks: ({ home }) => serverChecks(resolve(String(home)), Date.now()),
    print: (text) => process.stdout.write(`${text}\n`),
    onFail: () => {
      process.exitCode = EXIT_FAILURE
    },
  }),
)

program.addCommand(
  serviceCommand({
    unit: SERVER_UNIT,
    what: 'the server',
    options: (command) => command,
    service: async ({ user, home }) =>
      serverService({ ...(await readServerConfig(resolve(String(home)))), exec: itself(), user }),
    uid: process.getuid?.(),
    print: (text) => process.stdout.write(`${text}\n`),
  }),
)

/** How systemd would start this program. */
function itself(): string[] {
  const { VEDETTE_PROGRAM } = process.env
  return VEDETTE_PROGRAM ? [VEDETTE_PROGRAM] : [process.execPath, realpathSync(process.argv[1]!)]
}

/** Secrets that systemd has read for us take the place of files that only root may read. */
function withCredentials(config: ServerConfig): ServerConfig {
  const file = join(process.env.CREDENTIALS_DIRECTORY ?? '', VAULT_CREDENTIAL)
  if (!isAbsolute(file) || !existsSync(file)) return config
  const { kind } = parseKeyPlace(config.vaultKey, (path) => path)
  const vaultKey = kind === 'passphrase' ? `passphrase:${file}` : `credential:${VAULT_CREDENTIAL}`
  return { ...config, vaultKey }
}

/** How the vault's key is had: the passphrase never comes from an argument or the environment. */
function keyMeans(): KeyMeans {
  const { CREDENTIALS_DIRECTORY: credentials, VEDETTE_VAULT_PASSPHRASE_FD: fd } = process.env
  const handed = credentials === undefined ? '' : join(credentials, PASSPHRASE_CREDENTIAL)
  return {
    credentials,
    passphrase: async () => {
      if (fd !== undefined) return readFileSync(Number(fd), 'utf8').replace(/\r?\n$/, '')
      if (existsSync(handed)) return readFileSync(handed, 'utf8').replace(/\r?\n$/, '')
      if (process.stdin.isTTY) return askHidden('Passphrase of the vault key: ')
      throw new Refusal('passphrase.missing', 'the vault key is closed by a passphrase', {
        hint: `hand it over: the credential ${PASSPHRASE_CREDENTIAL}, VEDETTE_VAULT_PASSPHRASE_FD, or a terminal`,
      })
    },
  }
}

/** What nobody caught leaves the process in a state that nobody knows: it ends, and is started anew. */
function endOnCrash(log: Log): void {
  process.on('uncaughtException', (error) => {
    log.fatal(
      { code: codeOf(error), message: messageOf(error), stack: error.stack },
      'server.crash',
    )
    process.exit(EXIT_BROKEN)
  })
}

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`vedette-server: ${messageOf(error)}\n`)
  if (error instanceof Fault && error.hint) process.stderr.write(`  ${error.hint}\n`)
  const mustMend = error instanceof ConfigFault || error instanceof IntegrityFault
  process.exitCode = mustMend ? EXIT_CONFIG : EXIT_FAILURE
}
